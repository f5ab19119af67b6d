using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>A whole system as people run it: the server as a process on free ports, the command line as a process, delegates as processes.</summary>
internal sealed class GatehouseSystem : IAsyncDisposable
{
    private readonly List<RunningProgram> _delegates = [];
    private readonly string _agentListen = $"127.0.0.1:{FreePorts.Next()}", _operatorListen = $"http://127.0.0.1:{FreePorts.Next()}";

    public TemporaryDirectory Directory { get; } = new();
    public OpenSsl OpenSsl { get; }
    public RunningProgram Server { get; private set; } = null!;
    public int AgentPort { get; private set; }
    public string OperatorUrl { get; private set; } = "";
    public string ServerCa => Path.Combine(Data, "server-ca.crt");
    public string Data => Directory.File("data");
    public Curl Curl { get; private set; } = null!;

    /// <summary>The operator API as a plain HTTP client.</summary>
    public HttpClient Operator { get; private set; } = null!;

    private GatehouseSystem() => OpenSsl = new OpenSsl(Directory.Path);

    public static async Task<GatehouseSystem> StartAsync(IReadOnlyDictionary<string, string?>? environment = null, int? openFiles = null)
    {
        var system = new GatehouseSystem();
        try
        {
            await system.StartServerAsync(environment, openFiles);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server, or starts it again on the same ports and data.</summary>
    public async Task StartServerAsync(IReadOnlyDictionary<string, string?>? environment = null, int? openFiles = null)
    {
        var file = Path.Combine(Data, "server.json");
        if (File.Exists(file))
            File.Delete(file);
        Server = new RunningProgram(ProgramFiles.Server, ["serve", "--data", Data], new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
        {
            ["GATEHOUSE__AGENT__LISTEN"] = _agentListen,
            ["GATEHOUSE__OPERATOR__LISTEN"] = _operatorListen,
        }, openFiles);
        var json = await Eventually.GetAsync($"a started server; it said:\n{Server.Output}", () =>
        {
            if (Server.HasExited)
                throw new InvalidOperationException($"The server exited with {Server.ExitCode}: {Server.Output}");
            return Task.FromResult(File.Exists(file) ? File.ReadAllText(file) : null);
        }, TimeSpan.FromMinutes(3));
        using var document = JsonDocument.Parse(json);
        AgentPort = document.RootElement.GetProperty("agentPort").GetInt32();
        OperatorUrl = document.RootElement.GetProperty("operatorUrl").GetString()!;
        Curl = new Curl(AgentPort, ServerCa);
        Operator = new HttpClient { BaseAddress = new Uri(OperatorUrl) };
        Operator.DefaultRequestHeaders.Add(HeaderNames.ApiKey, (await File.ReadAllTextAsync(Path.Combine(Data, "operator.key"))).Trim());
    }

    /// <summary>Runs the command line to its end.</summary>
    public Task<CommandResult> CliAsync(params string[] arguments) => CliAsync(null, arguments);

    /// <summary>Runs the command line, for longer than a minute where <paramref name="limit"/> says so.</summary>
    public Task<CommandResult> CliAsync(TimeSpan? limit, params string[] arguments) => CommandLine.RunAsync("dotnet", [ProgramFiles.Cli, .. arguments], input: "", limit: limit,
        environment: new Dictionary<string, string>
        {
            ["GATEHOUSE_SERVER"] = OperatorUrl,
            ["GATEHOUSE_API_KEY"] = File.ReadAllText(Path.Combine(Data, "operator.key")).Trim(),
        });

    /// <summary>Runs the command line and insists on exit code 0.</summary>
    public async Task<string> MustAsync(params string[] arguments)
    {
        var result = await CliAsync(arguments);
        Assert.True(result.ExitCode == 0, $"gatehouse {string.Join(' ', arguments)} exited with {result.ExitCode}: {result.All}");
        return result.Output;
    }

    /// <summary>An account with a token; returns the token's value. By the API: processes of the command line cost a test seconds, and have tests of their own.</summary>
    public async Task<string> CreateAccountAsync(string account)
    {
        await PostAsync(Routes.Operator.Accounts, JsonSerializer.Serialize(new CreateAccountRequest(account), ContractsJson.Default.CreateAccountRequest));
        var token = await PostAsync(
            Routes.Operator.Tokens.Replace("{accountId}", account, StringComparison.Ordinal), JsonSerializer.Serialize(new CreateTokenRequest("fleet"), ContractsJson.Default.CreateTokenRequest));
        return JsonDocument.Parse(token).RootElement.GetProperty("value").GetString()!;
    }

    /// <summary>The account's endpoint, by the API.</summary>
    public Task EnableMtlsAsync(string account, string prefix, OpenSsl.Pair ca, MtlsMode mode, string? vanity = null) => EndpointAsync(
        HttpMethod.Post, account, new MtlsEndpointRequest { DomainPrefix = prefix, CaCertificates = ca.CertificatePem, Mode = mode.ToString(), VanityHost = vanity });

    /// <summary>Its mode, by the API.</summary>
    public Task SetModeAsync(string account, MtlsMode mode) => EndpointAsync(HttpMethod.Patch, account, new MtlsEndpointRequest { Mode = mode.ToString() });

    private Task<string> EndpointAsync(HttpMethod method, string account, MtlsEndpointRequest request) =>
        SendAsync(method, $"{Routes.Mtls.Endpoint}?accountId={account}", JsonSerializer.Serialize(request, ContractsJson.Default.MtlsEndpointRequest));

    private Task<string> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json);

    private async Task<string> SendAsync(HttpMethod method, string path, string json)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        using var response = await Operator.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {text}");
    }

    /// <summary>Starts a delegate of ours as a process.</summary>
    public RunningProgram StartDelegate(string account, string token, string name, string host, OpenSsl.Pair? client = null, IReadOnlyDictionary<string, string?>? more = null)
    {
        var roots = System.IO.Directory.CreateDirectory(Directory.File("server-roots")).FullName;
        File.Copy(ServerCa, Path.Combine(roots, "server-ca.crt"), overwrite: true);
        var environment = new Dictionary<string, string?>(more ?? new Dictionary<string, string?>())
        {
            ["ACCOUNT_ID"] = account,
            ["DELEGATE_TOKEN"] = token,
            ["DELEGATE_NAME"] = name,
            ["DELEGATE_TYPE"] = "DOCKER",
            ["NEXT_GEN"] = "true",
            ["MANAGER_HOST_AND_PORT"] = $"https://{host}:{AgentPort}",
            ["DELEGATE_CA_BUNDLE_DIR"] = roots,
            ["DELEGATE_HEALTH_PORT"] = "0",
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = client?.Certificate,
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = client?.Key,
            // One machine stands for many hosts: the name tells delegates apart.
            ["DELEGATE_HOST_NAME"] = name,
        };
        var program = new RunningProgram(ProgramFiles.Delegate, ["run"], environment);
        _delegates.Add(program);
        return program;
    }

    /// <summary>Waits until the delegate of that name is connected, with or without mTLS.</summary>
    public Task<DelegateView> ConnectedAsync(string account, string name, bool? mtls = null, TimeSpan? limit = null) =>
        Eventually.GetAsync($"delegate {name} connected", async () =>
            (await DelegatesAsync(account)).FirstOrDefault(d => d.Name == name && d.Connected && d.StreamOpen && (mtls is null || d.Mtls == mtls)), limit);

    public async Task<IReadOnlyList<DelegateView>> DelegatesAsync(string account) =>
        await GetAsync(Routes.Operator.Delegates.Replace("{accountId}", account, StringComparison.Ordinal), ContractsJson.Default.IReadOnlyListDelegateView);

    public async Task<T> GetAsync<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await Operator.GetStringAsync(new Uri(path, UriKind.Relative)), type)!;

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _delegates)
            await program.DisposeAsync();
        if (Server is not null)
            await Server.DisposeAsync();
        Operator?.Dispose();
        Directory.Dispose();
    }
}
