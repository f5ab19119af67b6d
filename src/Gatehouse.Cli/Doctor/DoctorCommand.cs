using System.CommandLine;
using Gatehouse.Cli.Commands;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Doctor;

/// <summary><c>gatehouse doctor</c>: one command for 03:00.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string?> s_url = Option("--url", "The gateway, for example https://customer1.agent.example.io:8443; default MANAGER_HOST_AND_PORT", "URL");
    private static readonly Option<string?> s_cert = Option("--cert", "The client certificate; default DELEGATE_CLIENT_CERTIFICATE_PATH", "FILE");
    private static readonly Option<string?> s_key = Option("--key", "Its key; nothing but signatures leaves this machine; default DELEGATE_CLIENT_CERTIFICATE_KEY_PATH", "FILE");
    private static readonly Option<string?> s_serverCa = Option("--server-ca", "Root of the server's certificate, besides the system's and those in DELEGATE_CA_BUNDLE_DIR", "FILE");
    private static readonly Option<string?> s_account = Option("--account", "The account; default ACCOUNT_ID", "ID");
    private static readonly Option<string?> s_tokenFile = Option("--token-file", "File with the delegate token; default DELEGATE_TOKEN. It is sent only to a server that was believed", "FILE");
    private static readonly Option<string?> s_proxy = Option("--proxy", "The way out, for example http://proxy.example:3128; default HTTPS_PROXY, or PROXY_HOST and its like", "URL");
    private static readonly Option<string?> s_connect = Option("--connect", "Connect there, whatever the name resolves to", "HOST:PORT");
    private static readonly Option<bool> s_operator = new("--ask-server") { Description = "Also ask the operator API (--server, --api-key-file): the endpoint's name and mode, the verdict by its CA bundle, refusals" };
    private static readonly Option<TimeSpan?> s_timeout = new("--timeout") { Description = "Limit of each attempt; default 10s", HelpName = "TIME", CustomParser = Durations.Parse };

    public static Command Build()
    {
        var command = new Command("doctor", "What is wrong with a delegate's way to its gateway, and the next command to run. On the delegate's machine it reads the delegate's variables. Exit code 0: nothing, 1: something")
        {
            s_url, s_cert, s_key, s_serverCa, s_account, s_tokenFile, s_proxy, s_connect, s_operator, s_timeout,
        };
        command.Runs(async (call, cancellationToken) =>
        {
            var report = await new Examination(Input(call, Environment.GetEnvironmentVariable), call.Time).RunAsync(cancellationToken);
            call.Print(report, CliJson.Default.DoctorReport, sheet => DoctorSheet.Show(sheet, report));
            return report.Healthy ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static DoctorInput Input(Invocation call, Func<string, string?> variable)
    {
        string? Of(Option<string?> option, string name) => call.Get(option) ?? Set(variable(name));
        var tokenFile = call.Get(s_tokenFile);
        try
        {
            return new DoctorInput
            {
                Url = Of(s_url, "MANAGER_HOST_AND_PORT") ?? throw CliException.BadInput("Where is the gateway? Give --url, or set MANAGER_HOST_AND_PORT as for the delegate."),
                CertificatePath = Of(s_cert, "DELEGATE_CLIENT_CERTIFICATE_PATH"),
                KeyPath = Of(s_key, "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"),
                ServerCaPath = call.Get(s_serverCa),
                ServerCaFolder = Set(variable("DELEGATE_CA_BUNDLE_DIR")) ?? "/opt/harness-delegate/ca-bundle",
                Account = Of(s_account, "ACCOUNT_ID"),
                Token = tokenFile is null ? Set(variable("DELEGATE_TOKEN")) : File.ReadLines(tokenFile).FirstOrDefault()?.Trim(),
                LogServiceUrl = Set(variable("LOG_STREAMING_SERVICE_URL")),
                TiServiceUrl = Set(variable("TI_SERVICE_URL")),
                ProxyUrl = call.Get(s_proxy) ?? ProxyVariables.Read(variable),
                NoProxy = ProxyVariables.Bypass(variable, Of(s_url, "MANAGER_HOST_AND_PORT") ?? ""),
                Connect = call.Get(s_connect),
                HealthPort = ushort.TryParse(Set(variable("DELEGATE_HEALTH_PORT")) ?? "3460", out var port) && port > 0 ? port : null,
                Timeout = call.Get(s_timeout) ?? TimeSpan.FromSeconds(10),
                Operator = call.Get(s_operator) ? call.Client : null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.BadInput($"The token file '{tokenFile}' cannot be read: {Safe.Line(e.Message)}", e);
        }
    }

    private static string? Set(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static Option<string?> Option(string name, string description, string help) => new(name) { Description = description, HelpName = help };
}
