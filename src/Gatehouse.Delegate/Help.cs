namespace Gatehouse.Delegate;

/// <summary>What the program says about itself.</summary>
internal static class Help
{
    private const string Text = """
        gatehouse delegate run: runs a delegate, configured by its environment.

          ACCOUNT_ID                             account it works for (required)
          DELEGATE_TOKEN                         token of the account, hex or base64 (required)
          MANAGER_HOST_AND_PORT                  https://customer1.agent.example.io:8443 (required)
          DELEGATE_CLIENT_CERTIFICATE_PATH       client certificate with intermediates, PEM; with
          DELEGATE_CLIENT_CERTIFICATE_KEY_PATH   its key, PEM. Both or none. Where neither file is there, tls.crt and
                                                 tls.key beside them count, with ca.crt as a server root
          DELEGATE_CA_BUNDLE_DIR                 every file in it is an extra server root (/opt/harness-delegate/ca-bundle).
                                                 Replaced files, these too, are taken over without a restart
          LOG_STREAMING_SERVICE_URL              log service (beside the manager, /log-service/); with
          TI_SERVICE_URL                         the TI service, what steps find, whatever the manager says
          DELEGATE_NAME, DELEGATE_HOST_NAME      this machine's name by default
          DELEGATE_TAGS                          selectors, separated by commas
          DELEGATE_TYPE, NEXT_GEN                DOCKER, true
          DELEGATE_TASK_CAPACITY                 tasks at once (10)
          DELEGATE_WORKING_DIR                   where tasks get their folders (the temporary folder)
          DELEGATE_HEALTH_PORT                   /api/health and /api/metrics (3460; 0: any free port)
          DELEGATE_STOP_GRACE                    seconds for running tasks after SIGTERM (600)
          DELEGATE_LOG_FORMAT                    text or json
          INIT_SCRIPT                            sourced by the shell before the start
          HTTPS_PROXY, NO_PROXY; or PROXY_HOST, PROXY_PORT, PROXY_SCHEME, PROXY_USER, PROXY_PASSWORD, PROXY_MANAGER

        Exit codes: 0 stopped as asked · 1 failed, or ended by the manager · 2 wrong use or wrong environment.
        """;

    internal static int Write(TextWriter output)
    {
        output.WriteLine(Text);
        return ExitCode.Done;
    }

    internal static int WriteVersion(TextWriter output)
    {
        output.WriteLine(DelegateSelf.Version);
        return ExitCode.Done;
    }

    internal static int WrongUse(TextWriter error, IReadOnlyList<string> args)
    {
        error.WriteLine($"“{string.Join(' ', args)}” is not a command of the delegate: use `run`, or --help.");
        return ExitCode.WrongUse;
    }
}
