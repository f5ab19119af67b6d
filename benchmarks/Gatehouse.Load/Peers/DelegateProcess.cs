using System.Globalization;
using Gatehouse.Contracts;

namespace Gatehouse.Load;

/// <summary>Our delegate with a client certificate, connected to a Gatehouse server by its stream.</summary>
internal sealed class DelegateProcess : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private DelegateProcess(PinnedProcess process) => _process = process;

    public int Id => _process.Id;

    public static async Task<DelegateProcess> StartAsync(BenchContext context, GatehouseProcess server, CancellationToken cancellationToken)
    {
        var token = await server.Operator.CreateTokenAsync(GatehouseProcess.Account, new CreateTokenRequest("bench"), cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(context.Folder, Path.GetRandomFileName())).FullName;
        var environment = new Dictionary<string, string>
        {
            ["ACCOUNT_ID"] = GatehouseProcess.Account,
            ["DELEGATE_TOKEN"] = token.Value!,
            ["DELEGATE_NAME"] = "bench-delegate",
            ["MANAGER_HOST_AND_PORT"] = string.Create(CultureInfo.InvariantCulture, $"https://{BenchCertificates.HostName}:{server.Agent.Port}"),
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = context.Certificates.ClientCertificate,
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = context.Certificates.ClientKey,
            ["DELEGATE_CA_BUNDLE_DIR"] = context.Certificates.ServerCaFolder,
            ["DELEGATE_HEALTH_PORT"] = "0",
        };
        var process = PinnedProcess.Start("The delegate", BenchPlan.LoadCore, "dotnet", [context.DelegateProgram, "run"], folder, environment);
        try
        {
            await process.WaitUntilAsync(async () => (await ViewAsync(server, cancellationToken)) is { StreamOpen: true, Mtls: true }, cancellationToken);
            return new DelegateProcess(process);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="BenchFailedException">The delegate's stream is not open, or it did not come over mTLS.</exception>
    public static async Task RequireStreamAsync(GatehouseProcess server, CancellationToken cancellationToken)
    {
        if (await ViewAsync(server, cancellationToken) is not { StreamOpen: true, Mtls: true })
            throw new BenchFailedException("The delegate lost its stream during the run: times would be those of polling.");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<DelegateView?> ViewAsync(GatehouseProcess server, CancellationToken cancellationToken) =>
        (await server.Operator.ListDelegatesAsync(GatehouseProcess.Account, cancellationToken)).SingleOrDefault();
}
