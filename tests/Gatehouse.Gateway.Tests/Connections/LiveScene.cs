using System.Diagnostics.Metrics;
using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gatehouse.Gateway.Tests.Connections;

/// <summary>One account's open connections by the thousand, without sockets, judged by the real <see cref="LiveConnections"/>.</summary>
internal sealed class LiveScene : IRefusalLog, IDisposable
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private int _refusals;

    public LiveScene(TimeSpan grace)
    {
        var options = new GatewayOptions { AgentDomain = "agent.test", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "", RevocationGrace = grace };
        Live = new LiveConnections(Index, options, Time, this, new GatewayMetrics(_services.GetRequiredService<IMeterFactory>()), NullLogger<LiveConnections>.Instance);
        Set(MtlsMode.LOOSE, Ca);
    }

    public static IssuedCertificate Ca { get; } = CertificateIssuer.CreateCa("/CN=CA", 100, KeyKind.EcP256, s_now);

    /// <summary>Of the same name, so that only the signature tells.</summary>
    public static IssuedCertificate OtherCa { get; } = CertificateIssuer.CreateCa("/CN=CA", 100, KeyKind.EcP256, s_now);

    public ShiftedTime Time { get; } = new();
    public TrustIndex Index { get; } = new();
    public LiveConnections Live { get; }
    public long Generation { get; private set; }
    public int Refusals => _refusals;

    public void Dispose()
    {
        Live.Dispose();
        _services.Dispose();
    }

    void IRefusalLog.Report(Refusal refusal) => Interlocked.Increment(ref _refusals);

    IReadOnlyList<RefusalView> IRefusalLog.List(string? accountId, long afterSequence, int limit) => [];

    public void Set(MtlsMode mode, params IssuedCertificate[] cas)
    {
        var known = Index.Current.ByAccount.GetValueOrDefault("acc")?.Trust.CaCertificates ?? default;
        ReadOnlyMemory<byte> bundle = BundleDer.FromPem(string.Concat(cas.Select(ca => ca.CertificatePem)));
        // As the manager hands it on: the same bundle is the same memory.
        Index.Apply([new EndpointTrust("acc", ++Generation, "c1.agent.test", null, mode, known.Span.SequenceEqual(bundle.Span) ? known : bundle)]);
    }

    public static PresentedChain Client(IssuedCertificate ca, int number, int days = 10)
    {
        var client = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, $"/CN=Client {number}", null, days, KeyKind.EcP256, s_now);
        return new PresentedChain(BundleDer.FromPem(client.CertificatePem), []);
    }

    public List<OpenConnection> Open(int count, PresentedChain chain)
    {
        var endpoint = Index.Current.ByAccount.GetValueOrDefault("acc")!;
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var verdict = ConnectionJudge.Judge(endpoint, "c1.agent.test", chain, Time.GetUtcNow(), "10.0.0.1");
            Assert.True(verdict.IsAccepted);
            var open = new OpenConnection(new AgentTarget("c1.agent.test", endpoint), chain, verdict);
            Live.Add(open.Connection);
            return open;
        })];
    }

    /// <summary>A connection that notes what is done to it.</summary>
    internal sealed class OpenConnection : DefaultConnectionContext, IConnectionLifetimeNotificationFeature
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public OpenConnection(AgentTarget target, PresentedChain chain, ConnectionVerdict verdict)
        {
            Features.Set<IConnectionLifetimeNotificationFeature>(this);
            Connection = new AgentConnection(this, target, chain, verdict);
        }

        public AgentConnection Connection { get; }
        public bool WasAsked { get; private set; }
        public Task Ended => _ended.Task;
        public CancellationToken ConnectionClosedRequested { get; set; }

        public void RequestClose() => WasAsked = true;

        public override void Abort(ConnectionAbortedException abortReason) => _ended.TrySetResult();
    }
}
