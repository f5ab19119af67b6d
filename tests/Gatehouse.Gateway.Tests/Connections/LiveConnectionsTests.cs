using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests.Connections;

/// <summary>Open connections, without sockets. Ten thousand: <see cref="WhenTenThousandAreOpen"/>.</summary>
public sealed class LiveConnectionsTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly LiveScene _scene = new(grace: TimeSpan.FromMilliseconds(100));
    private readonly IssuedCertificate _ca = LiveScene.Ca, _otherCa = LiveScene.OtherCa;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_new_ca_ends_thousands_of_different_certificates()
    {
        var old = Enumerable.Range(0, 20).SelectMany(i => _scene.Open(100, LiveScene.Client(_ca, i))).ToList();
        _scene.Set(MtlsMode.LOOSE, _ca, _otherCa);
        var kept = _scene.Open(100, LiveScene.Client(_otherCa, 7));
        _scene.Set(MtlsMode.LOOSE, _otherCa);
        await Task.WhenAll(old.Select(c => c.Ended)).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.All(kept, c => Assert.Null(c.Connection.RevokedBecause));
        Assert.All(old, c => Assert.Equal(RefusalCode.CertificateUnknownCa, c.Connection.RevokedBecause!.Code));
    }

    [Fact]
    public void A_request_is_judged_by_the_change_whether_or_not_the_pas_came_by()
    {
        var connections = _scene.Open(500, PresentedChain.None);
        _scene.Set(MtlsMode.STRICT, _ca);
        foreach (var open in connections)
        {
            _scene.Live.EnsureCurrent(open.Connection);
            Assert.Equal(RefusalCode.ClientCertificateRequired, open.Connection.RevokedBecause?.Code);
        }
    }

    [Fact]
    public void A_change_of_the_mode_alone_validates_no_certificate_again()
    {
        var open = _scene.Open(1, LiveScene.Client(_ca, 1)).Single();
        var verdict = open.Connection.Verdict;
        _scene.Set(MtlsMode.STRICT, _ca);
        _scene.Live.EnsureCurrent(open.Connection);
        Assert.Equal(_scene.Generation, open.Connection.Endpoint!.Generation);
        Assert.Same(verdict, open.Connection.Verdict);
    }

    [Fact]
    public void A_certificate_that_is_judged_again_need_not_be_proven_again()
    {
        var open = _scene.Open(1, LiveScene.Client(_ca, 1)).Single().Connection;
        var first = open.Verdict;
        _scene.Set(MtlsMode.LOOSE, _ca, _otherCa);
        _scene.Live.EnsureCurrent(open);
        // Kept from change to change, with what was read from the certificate.
        Assert.NotSame(first, open.Verdict);
        Assert.NotNull(open.Verdict.Signatures);
        Assert.Same(first.Certificate, open.Verdict.Certificate);
        _scene.Set(MtlsMode.LOOSE, _otherCa);
        _scene.Live.EnsureCurrent(open);
        Assert.Equal(RefusalCode.CertificateUnknownCa, open.RevokedBecause?.Code);
        Assert.Contains("another key made the signature", open.RevokedBecause!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judgement_by_older_trust_that_was_held_up_does_not_count()
    {
        var connection = _scene.Open(1, LiveScene.Client(_ca, 1)).Single().Connection;
        await Eventually.TrueAsync("all looked at", () => Task.FromResult(connection.SeenVersion == _scene.Index.Current.Version));
        using var hold = new ManualResetEventSlim();
        var held = _scene.Time.HoldNext(hold);
        _scene.Set(MtlsMode.LOOSE, _ca, _otherCa);
        // Whoever judges first by this change, the pass or the request, is held up before it is done.
        var request = Task.Run(() => _scene.Live.EnsureCurrent(connection), TestContext.Current.CancellationToken);
        await held.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        _scene.Set(MtlsMode.STRICT, _ca, _otherCa);
        var later = new Thread(() => _scene.Live.EnsureCurrent(connection)) { IsBackground = true };
        later.Start();
        // Until it waits for the other, or is done.
        await Eventually.TrueAsync("the later one waits", () => Task.FromResult((later.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0));
        hold.Set();
        await request;
        Assert.True(later.Join(s_limit));
        await Eventually.TrueAsync("judged by the newest", () => Task.FromResult(connection.Endpoint!.Generation == _scene.Generation && connection.SeenVersion == _scene.Index.Current.Version));
    }

    [Fact]
    public async Task Whoever_asks_for_the_token_late_gets_a_cancelled_one()
    {
        var (early, late) = (_scene.Open(1, PresentedChain.None).Single(), _scene.Open(1, PresentedChain.None).Single());
        var told = new TaskCompletionSource();
        early.Connection.Revoked.Register(told.SetResult);
        _scene.Set(MtlsMode.STRICT, _ca);
        await told.Task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        await late.Ended.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        var toldLate = new TaskCompletionSource();
        late.Connection.Revoked.Register(toldLate.SetResult);
        await toldLate.Task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Verdicts_end_with_their_certificates_and_others_stay()
    {
        var soon = _scene.Open(300, LiveScene.Client(_ca, 1, days: 1));
        var later = _scene.Open(300, LiveScene.Client(_ca, 2, days: 5));
        foreach (var closed in soon.Take(100))
            _scene.Live.Remove(closed.Connection);
        await _scene.Live.ExpireVerdictsAsync();
        Assert.Equal(0, _scene.Refusals);
        _scene.Time.Offset = TimeSpan.FromDays(2);
        await _scene.Live.ExpireVerdictsAsync();
        await Task.WhenAll(soon.Skip(100).Select(c => c.Ended)).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal(200, _scene.Refusals);
        Assert.All(soon.Take(100).Concat(later), c => Assert.Null(c.Connection.RevokedBecause));
    }

    [Fact]
    public void A_request_after_the_end_of_its_certificate_is_refused_whether_or_not_anybody_looked()
    {
        var (soon, later) = (_scene.Open(1, LiveScene.Client(_ca, 1, days: 1)).Single().Connection, _scene.Open(1, LiveScene.Client(_ca, 2, days: 5)).Single().Connection);
        _scene.Live.EnsureCurrent(soon);
        Assert.Null(soon.RevokedBecause);
        _scene.Time.Offset = TimeSpan.FromDays(2);
        _scene.Live.EnsureCurrent(soon);
        _scene.Live.EnsureCurrent(later);
        Assert.Equal(RefusalCode.CertificateExpired, soon.RevokedBecause?.Code);
        Assert.Null(later.RevokedBecause);
    }
}
