using System.Globalization;
using Gatehouse.Contracts;

namespace Gatehouse.Load;

/// <summary>Our delegate with a client certificate, connected to a Gatehouse server by its stream.</summary>
internal sealed class DelegateProcess : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private DelegateProcess(PinnedProcess process) => _process = process;

    public int Id => _process.Id;

    public static async Task<DelegateProcess> StartAsync(BenchContext context, GatehouseProcess server, BenchAccount account, CancellationToken cancellationToken)
    {
        var token = await server.Operator.CreateTokenAsync(account.Id, new CreateTokenRequest("bench"), cancellationToken);
        var folder = context.NewFolder();
        var environment = new Dictionary<string, string>
        {
            ["ACCOUNT_ID"] = account.Id,
            ["DELEGATE_TOKEN"] = token.Value!,
            ["DELEGATE_NAME"] = "bench-delegate",
            ["MANAGER_HOST_AND_PORT"] = string.Create(CultureInfo.InvariantCulture, $"https://{account.HostName}:{server.Agent.Port}"),
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = account.CertificatePath,
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = account.KeyPath,
            ["DELEGATE_CA_BUNDLE_DIR"] = context.Certificates.ServerCaFolder,
            ["DELEGATE_HEALTH_PORT"] = "0",
        };
        var process = PinnedProcess.Start("The delegate", [BenchPlan.LoadCore], "dotnet", [context.DelegateProgram, "run"], folder, environment);
        try
        {
            await process.WaitUntilAsync(async () => (await ViewAsync(server, account, cancellationToken)) is { StreamOpen: true, Mtls: true }, cancellationToken);
            return new DelegateProcess(process);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="BenchFailedException">The delegate's stream is not open, or it did not come over mTLS.</exception>
    public static async Task RequireStreamAsync(GatehouseProcess server, BenchAccount account, CancellationToken cancellationToken)
    {
        if (await ViewAsync(server, account, cancellationToken) is not { StreamOpen: true, Mtls: true })
            throw new BenchFailedException("The delegate lost its stream during the run: times would be those of polling.");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<DelegateView?> ViewAsync(GatehouseProcess server, BenchAccount account, CancellationToken cancellationToken) =>
        (await server.Operator.ListDelegatesAsync(account.Id, cancellationToken)).SingleOrDefault();
}
