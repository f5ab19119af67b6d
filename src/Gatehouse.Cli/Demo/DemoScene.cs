using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Connecting;
using Gatehouse.Cli.Processes;
using Gatehouse.Client.Operator;

namespace Gatehouse.Cli.Demo;

/// <summary>Everything the demo has running, and how all of it goes away again.</summary>
internal sealed class DemoScene : IAsyncDisposable
{
    public const string Account = "acme";
    public const string Prefix = "customer1";

    private readonly List<ChildProgram> _children = [];
    private bool _keep;

    /// <summary>Below the system's temporary folder, for this user alone: it holds keys.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("gatehouse-demo-").FullName;

    public string DataDirectory => Path.Combine(Folder, "data");

    public IReadOnlyList<ChildProgram> Children => _children;

    /// <summary>Set by the first step.</summary>
    public ServerFile Server { get; private set; } = new();

    public OperatorClient Client { get; private set; } = null!;

    /// <summary>Token value; set by the second step.</summary>
    public string Token { get; set; } = "";

    public CertificatePaths Ca { get; set; } = new("", "");

    public CertificatePaths ClientCertificate { get; set; } = new("", "");

    /// <summary>SHA-256 of the client certificate, upper-case hex.</summary>
    public string ClientSha256 { get; set; } = "";

    public string Fqdn { get; set; } = "";

    /// <summary>The account's own way in.</summary>
    public string DedicatedUrl => $"https://{Fqdn}:{Server.AgentPort}";

    /// <summary>The way in that every account without mTLS uses.</summary>
    public string SharedUrl => $"https://gatehouse.localhost:{Server.AgentPort}";

    public ChildProgram StartServer() => Add(ChildProgram.Start(
        "server", "Gatehouse.Server", ["serve", "--data", DataDirectory],
        new Dictionary<string, string> { ["GATEHOUSE__AGENT__LISTEN"] = "127.0.0.1:0", ["GATEHOUSE__OPERATOR__LISTEN"] = "http://127.0.0.1:0" },
        Folder));

    public void Connect(ServerFile server)
    {
        Server = server;
        Client = new OperatorClient(new Uri(server.OperatorUrl!), File.ReadAllText(server.OperatorKeyFile!).Trim());
        var roots = Directory.CreateDirectory(Path.Combine(Folder, "server-ca"));
        File.Copy(server.ServerCaPath!, Path.Combine(roots.FullName, "server-ca.crt"), overwrite: true);
    }

    /// <summary>A delegate, as somebody's container would run it: by environment alone.</summary>
    public ChildProgram StartDelegate(string name, string managerUrl, bool withCertificate, string? logName = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["ACCOUNT_ID"] = Account,
            ["DELEGATE_TOKEN"] = Token,
            ["DELEGATE_NAME"] = name,
            // Delegates on one machine would count as one: each plays a machine of its own.
            ["DELEGATE_HOST_NAME"] = name,
            ["DELEGATE_TYPE"] = "DOCKER",
            ["NEXT_GEN"] = "true",
            ["MANAGER_HOST_AND_PORT"] = managerUrl,
            ["DELEGATE_CA_BUNDLE_DIR"] = Path.Combine(Folder, "server-ca"),
            ["DELEGATE_HEALTH_PORT"] = "0",
            ["DELEGATE_STOP_GRACE"] = "5",
        };
        if (withCertificate)
        {
            environment["DELEGATE_CLIENT_CERTIFICATE_PATH"] = ClientCertificate.Certificate;
            environment["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = ClientCertificate.PrivateKey;
        }

        return Add(ChildProgram.Start(logName ?? name, "Gatehouse.Delegate", ["run"], environment, Folder));
    }

    /// <summary>Leaves everything as it is when this object goes.</summary>
    public void Keep()
    {
        _keep = true;
        _children.ForEach(child => child.LeaveRunning());
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        // Delegates first, so that they can say goodbye to the server; all at once, each takes its time.
        await Task.WhenAll(_children.Skip(1).Select(child => child.DisposeAsync().AsTask()));
        await Task.WhenAll(_children.Take(1).Select(child => child.DisposeAsync().AsTask()));
        if (!_keep)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private ChildProgram Add(ChildProgram child)
    {
        _children.Add(child);
        return child;
    }
}
