namespace Gatehouse.Upgrader;

/// <summary>What the program says about itself.</summary>
internal static class Help
{
    private const string Text = """
        gatehouse upgrader run: asks the manager once which image the delegates should run, and sets it. Run by a CronJob.

          --config FILE            config.yaml (/etc/config/config.yaml)
          --dry-run                as dryRun in it: the cluster checks the change and does not make it
          --cron-job NAME          the CronJob that runs this (by default told from this pod's name)
          --allow-image PATTERN    an image that can do mutual TLS whatever its tag, * for any text; may be repeated
          --service-account DIR    token, ca.crt and namespace (/var/run/secrets/kubernetes.io/serviceaccount)
          --output text|json       the line of the result (text)

          UPGRADER_TOKEN           token of the account, hex or base64 (required)
          UPGRADER_CA_BUNDLE_DIR   every file in it is an extra server root (/ca-bundle)
          KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT   where the cluster's API is; every pod has them
          HTTPS_PROXY, NO_PROXY    on the way to the manager, where config.yaml names no proxy; never to the cluster's API

        One line of result on stdout; sentences about what went wrong on stderr.
        Exit codes: 0 as offered, or brought there · 1 failed, or the answer is no · 2 wrong use or wrong configuration.
        """;

    internal static string Version { get; } = typeof(Help).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    internal static int Write(TextWriter output)
    {
        output.WriteLine(Text);
        return ExitCode.Done;
    }

    internal static int WriteVersion(TextWriter output)
    {
        output.WriteLine(Version);
        return ExitCode.Done;
    }

    internal static int WrongUse(TextWriter error, string what)
    {
        error.WriteLine($"{what}: use 'run', or --help.");
        return ExitCode.WrongUse;
    }
}
