using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Load;

/// <summary>A Gatehouse server with accounts and their STRICT mTLS endpoints, made over the operator API as a person would.</summary>
internal sealed class GatehouseProcess : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private GatehouseProcess(PinnedProcess process, IPEndPoint agent, OperatorClient client) => (_process, Agent, Operator) = (process, agent, client);

    public int Id => _process.Id;
    public IPEndPoint Agent { get; }
    public OperatorClient Operator { get; }

    /// <summary>Starts one.</summary>
    /// <param name="context">Program and certificates.</param>
    /// <param name="data">Its data directory.</param>
    /// <param name="manager">To forward there what it would serve itself.</param>
    /// <param name="settings">Environment variables beside those that every run needs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<GatehouseProcess> StartAsync(
        BenchContext context, string data, IPEndPoint? manager, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken) =>
        StartAsync(context, data, [BenchPlan.ServerCore], manager, settings, cancellationToken);

    /// <summary>The same on cores of the caller's choice.</summary>
    public static async Task<GatehouseProcess> StartAsync(
        BenchContext context, string data, IReadOnlyList<int> cores, IPEndPoint? manager, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        var certificates = context.Certificates;
        var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["GATEHOUSE__AGENT__LISTEN"] = "127.0.0.1:0",
            ["GATEHOUSE__AGENT__CERTIFICATE__PATH"] = certificates.Server.Certificate,
            ["GATEHOUSE__AGENT__CERTIFICATE__KEYPATH"] = certificates.Server.Key,
            ["GATEHOUSE__OPERATOR__LISTEN"] = "http://127.0.0.1:0",
        };
        if (manager is not null)
            environment["GATEHOUSE__SERVICES__MANAGER"] = $"http://{manager}";

        var process = PinnedProcess.Start("The Gatehouse server", cores, "dotnet", [context.ServerProgram, "serve", "--data", data], data, environment);
        try
        {
            var file = Path.Combine(data, "server.json");
            await process.WaitUntilAsync(() => Task.FromResult(File.Exists(file)), cancellationToken);
            using var told = JsonDocument.Parse(await File.ReadAllTextAsync(file, cancellationToken));
            var key = await File.ReadAllTextAsync(told.RootElement.GetProperty("operatorKeyFile").GetString()!, cancellationToken);
            var client = new OperatorClient(new Uri(told.RootElement.GetProperty("operatorUrl").GetString()!), key.Trim());
            return new GatehouseProcess(process, new IPEndPoint(IPAddress.Loopback, told.RootElement.GetProperty("agentPort").GetInt32()), client);
        }
        catch (Exception e)
        {
            var last = process.LastLines;
            await process.DisposeAsync();
            throw e is OperatorApiException ? new BenchFailedException($"{e.Message}\n{last}", e) : e;
        }
    }

    /// <summary>Makes an account and its endpoint; returns the milliseconds from the request for the endpoint to its answer.</summary>
    public async Task<double> CreateAsync(BenchAccount account, CancellationToken cancellationToken) =>
        await CreateAsync(account, await File.ReadAllTextAsync(account.CaPath, cancellationToken), MtlsMode.STRICT, cancellationToken);

    /// <summary>The same with another CA bundle and mode.</summary>
    public async Task<double> CreateAsync(BenchAccount account, string caCertificates, MtlsMode mode, CancellationToken cancellationToken)
    {
        await Operator.CreateAccountAsync(new CreateAccountRequest(account.Id), cancellationToken);
        var endpoint = new MtlsEndpointRequest
        {
            DomainPrefix = account.Prefix,
            CaCertificates = caCertificates,
            Mode = mode.ToString(),
        };
        var watch = Stopwatch.StartNew();
        await Operator.CreateEndpointAsync(account.Id, endpoint, cancellationToken);
        return watch.Elapsed.TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await _process.DisposeAsync();
    }
}
