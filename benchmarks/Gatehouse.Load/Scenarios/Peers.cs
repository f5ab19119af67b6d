using System.Security.Authentication;

namespace Gatehouse.Load;

/// <summary>Upstream, Gatehouse and nginx of one scenario, running at the same time; only one of them is under load.</summary>
internal sealed class Peers : IAsyncDisposable
{
    public const string GatehouseName = "Gatehouse";
    public const string NginxName = "nginx";
    public const string NginxWithoutTicketsName = "nginx, no tickets";

    private readonly NginxProcess _upstream;
    private readonly GatehouseProcess _gatehouse;
    private readonly NginxProcess _nginx;
    private readonly BenchCertificates _certificates;

    private Peers(NginxProcess upstream, GatehouseProcess gatehouse, NginxProcess nginx, BenchCertificates certificates) =>
        (_upstream, _gatehouse, _nginx, _certificates) = (upstream, gatehouse, nginx, certificates);

    public static async Task<Peers> StartAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var upstream = await NginxProcess.StartAsync("The upstream (nginx)", BenchPlan.LoadCore, context.Folder, NginxConfigurations.Upstream, 1, cancellationToken);
        GatehouseProcess? gatehouse = null;
        try
        {
            gatehouse = await GatehouseProcess.StartAsync(context.ServerProgram, context.Folder, context.Certificates, upstream.Listeners[0], cancellationToken);
            var configuration = NginxConfigurations.Gateway(context.Certificates, upstream.Listeners[0]);
            var nginx = await NginxProcess.StartAsync("nginx", BenchPlan.ServerCore, context.Folder, configuration, 2, cancellationToken);
            return new Peers(upstream, gatehouse, nginx, context.Certificates);
        }
        catch
        {
            if (gatehouse is not null)
                await gatehouse.DisposeAsync();
            await upstream.DisposeAsync();
            throw;
        }
    }

    public LoadTarget Gatehouse(SslProtocols tls) => Target(GatehouseName, _gatehouse.Id, _gatehouse.Agent, tls);
    public LoadTarget Nginx(SslProtocols tls) => Target(NginxName, _nginx.Id, _nginx.Listeners[0], tls);
    public LoadTarget NginxWithoutTickets(SslProtocols tls) => Target(NginxWithoutTicketsName, _nginx.Id, _nginx.Listeners[1], tls);

    public async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        await _gatehouse.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private LoadTarget Target(string name, int processId, System.Net.IPEndPoint address, SslProtocols tls) => new()
    {
        Name = name,
        ProcessId = processId,
        Address = address,
        Certificates = _certificates,
        Identity = _certificates.Client,
        Tls = tls,
    };
}
