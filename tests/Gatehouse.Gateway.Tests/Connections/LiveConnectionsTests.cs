using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Testing;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gatehouse.Gateway.Tests.Connections;

/// <summary>Open connections by the thousand, without sockets.</summary>
public sealed class LiveConnectionsTests : IRefusalLog, IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private static readonly IssuedCertificate s_ca = CertificateIssuer.CreateCa("/CN=CA", 100, KeyKind.EcP256, s_now);
    private static readonly IssuedCertificate s_otherCa = CertificateIssuer.CreateCa("/CN=CA", 100, KeyKind.EcP256, s_now);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ShiftedTime _time = new();
    private readonly TrustIndex _index = new();
    private readonly LiveConnections _live;
    private long _generation;
    private int _refusals;

    public LiveConnectionsTests()
    {
        var options = new GatewayOptions { AgentDomain = "agent.test", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "", RevocationGrace = TimeSpan.FromMilliseconds(100) };
        _live = new LiveConnections(_index, options, _time, this, new GatewayMetrics(_services.GetRequiredService<IMeterFactory>()), NullLogger<LiveConnections>.Instance);
        Set(MtlsMode.LOOSE, s_ca);
    }

    public void Dispose()
    {
        _live.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Strict_ends_ten_thousand_without_a_certificate_and_none_with_one()
    {
        var plain = Open(10_000, PresentedChain.None);
        var mtls = Open(10_000, Client(s_ca, 1));
        var watch = Stopwatch.StartNew();
        Set(MtlsMode.STRICT, s_ca);
        Assert.True(watch.Elapsed < Limits.TrustChangeEffective, $"The change waited {watch.Elapsed} for what is open.");

        await Task.WhenAll(plain.Select(c => c.Ended)).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage("10,000 of 20,000 ended after {0} ms", watch.ElapsedMilliseconds);
        Assert.All(plain, c => Assert.True(c.WasAsked));
        Assert.All(mtls, c => Assert.Null(c.Connection.RevokedBecause));
        await Eventually.TrueAsync("all looked at", () => Task.FromResult(mtls.TrueForAll(c => c.Connection.Endpoint!.Generation == _generation)));
        Assert.Equal(10_000, _refusals);
    }

    [Fact]
    public async Task A_new_ca_ends_thousands_of_different_certificates()
    {
        var old = Enumerable.Range(0, 20).SelectMany(i => Open(100, Client(s_ca, i))).ToList();
        Set(MtlsMode.LOOSE, s_ca, s_otherCa);
        var kept = Open(100, Client(s_otherCa, 7));
        Set(MtlsMode.LOOSE, s_otherCa);
        await Task.WhenAll(old.Select(c => c.Ended)).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.All(kept, c => Assert.Null(c.Connection.RevokedBecause));
        Assert.All(old, c => Assert.Equal(RefusalCode.CertificateUnknownCa, c.Connection.RevokedBecause!.Code));
    }

    [Fact]
    public void A_request_is_judged_by_the_change_whether_or_not_the_pass_came_by()
    {
        var connections = Open(500, PresentedChain.None);
        Set(MtlsMode.STRICT, s_ca);
        foreach (var open in connections)
        {
            _live.EnsureCurrent(open.Connection);
            Assert.Equal(RefusalCode.ClientCertificateRequired, open.Connection.RevokedBecause?.Code);
        }
    }

    [Fact]
    public void A_change_of_the_mode_alone_validates_no_certificate_again()
    {
        var open = Open(1, Client(s_ca, 1)).Single();
        var verdict = open.Connection.Verdict;
        Set(MtlsMode.STRICT, s_ca);
        _live.EnsureCurrent(open.Connection);
        Assert.Equal(_generation, open.Connection.Endpoint!.Generation);
        Assert.Same(verdict, open.Connection.Verdict);
    }

    [Fact]
    public async Task A_judgement_by_older_trust_that_was_held_up_does_not_count()
    {
        var connection = Open(1, Client(s_ca, 1)).Single().Connection;
        await Eventually.TrueAsync("all looked at", () => Task.FromResult(connection.SeenVersion == _index.Current.Version));
        using var hold = new ManualResetEventSlim();
        var held = _time.HoldNext(hold);
        Set(MtlsMode.LOOSE, s_ca, s_otherCa);
        // Whoever judges first by this change, the pass or the request, is held up before it is done.
        var request = Task.Run(() => _live.EnsureCurrent(connection), TestContext.Current.CancellationToken);
        await held.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Set(MtlsMode.STRICT, s_ca, s_otherCa);
        var later = Task.Run(() => _live.EnsureCurrent(connection), TestContext.Current.CancellationToken);
        await Task.WhenAny(later, Task.Delay(200, TestContext.Current.CancellationToken));
        hold.Set();
        await Task.WhenAll(request, later);
        await Eventually.TrueAsync("judged by the newest", () => Task.FromResult(connection.Endpoint!.Generation == _generation && connection.SeenVersion == _index.Current.Version));
    }

    [Fact]
    public async Task Whoever_asks_for_the_token_late_gets_a_cancelled_one()
    {
        var (early, late) = (Open(1, PresentedChain.None).Single(), Open(1, PresentedChain.None).Single());
        var told = new TaskCompletionSource();
        early.Connection.Revoked.Register(told.SetResult);
        Set(MtlsMode.STRICT, s_ca);
        await told.Task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        await late.Ended.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        var toldLate = new TaskCompletionSource();
        late.Connection.Revoked.Register(toldLate.SetResult);
        await toldLate.Task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Verdicts_end_with_their_certificates_and_others_stay()
    {
        var soon = Open(300, Client(s_ca, 1, days: 1));
        var later = Open(300, Client(s_ca, 2, days: 5));
        foreach (var closed in soon.Take(100))
            _live.Remove(closed.Connection);
        await _live.ExpireVerdictsAsync();
        Assert.Equal(0, _refusals);
        _time.Offset = TimeSpan.FromDays(2);
        await _live.ExpireVerdictsAsync();
        await Task.WhenAll(soon.Skip(100).Select(c => c.Ended)).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal(200, _refusals);
        Assert.All(soon.Take(100).Concat(later), c => Assert.Null(c.Connection.RevokedBecause));
    }

    /// <summary>A fleet's certificates end together when their CA does.</summary>
    [Fact]
    public async Task Ten_thousand_that_end_together_are_ended_together()
    {
        var open = Enumerable.Range(0, 20).SelectMany(i => Open(500, Client(s_ca, i))).ToList();
        _time.Offset = TimeSpan.FromDays(200);
        var watch = Stopwatch.StartNew();
        var cpu = Environment.CpuUsage.TotalTime;
        await _live.ExpireVerdictsAsync();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        await Task.WhenAll(open.Select(c => c.Ended)).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage("10,000 ended after {0} ms, {1} ms of processor time", watch.ElapsedMilliseconds, (long)cpu.TotalMilliseconds);
        Assert.All(open, c => Assert.Equal(RefusalCode.CertificateExpired, c.Connection.RevokedBecause!.Code));
    }

    [Fact]
    public void A_request_after_the_end_of_its_certificate_is_refused_whether_or_not_anybody_looked()
    {
        var (soon, later) = (Open(1, Client(s_ca, 1, days: 1)).Single().Connection, Open(1, Client(s_ca, 2, days: 5)).Single().Connection);
        _live.EnsureCurrent(soon);
        Assert.Null(soon.RevokedBecause);
        _time.Offset = TimeSpan.FromDays(2);
        _live.EnsureCurrent(soon);
        _live.EnsureCurrent(later);
        Assert.Equal(RefusalCode.CertificateExpired, soon.RevokedBecause?.Code);
        Assert.Null(later.RevokedBecause);
    }

    void IRefusalLog.Report(Refusal refusal) => Interlocked.Increment(ref _refusals);

    IReadOnlyList<RefusalView> IRefusalLog.List(string? accountId, long afterSequence, int limit) => [];

    private void Set(MtlsMode mode, params IssuedCertificate[] cas)
    {
        var known = _index.Current.ByAccount.GetValueOrDefault("acc")?.Trust.CaCertificates ?? default;
        ReadOnlyMemory<byte> bundle = BundleDer.FromPem(string.Concat(cas.Select(ca => ca.CertificatePem)));
        // As the manager hands it on: the same bundle is the same memory.
        _index.Apply([new EndpointTrust("acc", ++_generation, "c1.agent.test", null, mode, known.Span.SequenceEqual(bundle.Span) ? known : bundle)]);
    }

    private static PresentedChain Client(IssuedCertificate ca, int number, int days = 10)
    {
        var client = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, $"/CN=Client {number}", null, days, KeyKind.EcP256, s_now);
        return new PresentedChain(BundleDer.FromPem(client.CertificatePem), []);
    }

    private List<OpenConnection> Open(int count, PresentedChain chain)
    {
        var endpoint = _index.Current.ByAccount.GetValueOrDefault("acc")!;
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var verdict = ConnectionJudge.Judge(endpoint, "c1.agent.test", chain, _time.GetUtcNow(), "10.0.0.1");
            Assert.True(verdict.IsAccepted);
            var open = new OpenConnection(new AgentTarget("c1.agent.test", endpoint), chain, verdict);
            _live.Add(open.Connection);
            return open;
        })];
    }

    /// <summary>A connection that notes what is done to it.</summary>
    private sealed class OpenConnection : DefaultConnectionContext, IConnectionLifetimeNotificationFeature
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
