using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Refusals;
using Gatehouse.Manager.Tests.Harness;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Manager.Tests.Refusals;

public sealed class RefusalLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RefusalLog _log;

    public RefusalLogTests() => _log = new RefusalLog(_time);

    [Fact]
    public void Equal_refusals_are_counted_and_move_to_the_front()
    {
        _log.Report(Of("acme", "10.0.0.1"));
        _log.Report(Of("acme", "10.0.0.2"));
        var first = _log.List("acme");
        _time.Advance(TimeSpan.FromMinutes(1));
        _log.Report(Of("acme", "10.0.0.1"));

        var followed = Assert.Single(_log.List("acme", first.Max(view => view.Sequence)));
        Assert.Equal(("10.0.0.1", 2L, TimeSpan.FromMinutes(1)), (followed.RemoteAddress, followed.Count, followed.LastSeen - followed.FirstSeen));
        Assert.Equal(["10.0.0.1", "10.0.0.2"], _log.List("acme").Select(view => view.RemoteAddress));
        Assert.Empty(_log.List("other"));
    }

    [Fact]
    public void One_account_cannot_push_anothers_out()
    {
        _log.Report(Of("quiet", "10.0.0.1"));
        for (var account = 0; account < 30; account++)
        {
            for (var i = 0; i < RefusalLog.MaxPerAccount + 10; i++)
                _log.Report(Of("loud" + account, i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }
        Assert.Single(_log.List("quiet"));
        Assert.Equal(RefusalLog.MaxEntries, _log.List(null, 0, int.MaxValue).Count);
        Assert.InRange(_log.List("loud29", 0, int.MaxValue).Count, 300, RefusalLog.MaxPerAccount);
    }

    [Fact]
    public void Many_accounts_stay_within_the_limit()
    {
        for (var i = 0; i < RefusalLog.MaxEntries + 1000; i++)
            _log.Report(Of("account" + i, "10.0.0.1"));
        Assert.Equal(RefusalLog.MaxEntries, _log.List(null, 0, int.MaxValue).Count);
    }

    [Fact]
    public void A_peers_text_is_bounded_and_harmless()
    {
        var certificate = new PresentedCertificate("CN=a\u001b[31m\u202E" + new string('x', 10_000), "CN=b\r\n", "01", "AA", default, default);
        _log.Report(new Refusal(RefusalCode.SniUnknown, new string('m', 10_000), "next\0", null, "evil\u0007.example", "10.0.0.1", certificate));
        var view = Assert.Single(_log.List(null));
        Assert.Equal((null, "evil\\u0007.example", "next\\u0000"), (view.AccountId, view.Host, view.NextStep));
        Assert.True(view.Message.Length <= 512);
        Assert.StartsWith("CN=a\\u001B[31m\\u202E", view.Certificate!.Subject, StringComparison.Ordinal);
        Assert.Equal("CN=b\\u000D\\u000A", view.Certificate.Issuer);
    }

    [Fact]
    public async Task Reports_come_from_many_threads()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
                _log.Report(Of("acme", (i % 10).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        })));
        Assert.Equal(16_000, _log.List("acme").Sum(view => view.Count));
    }

    [Fact]
    public void A_client_in_a_loop_allocates_nothing()
    {
        var refusal = Of("acme", "10.0.0.1");
        _log.Report(refusal);
        _log.Report(Of("other", "10.0.0.1"));
        _log.Report(refusal);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _log.Report(refusal);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1002, Assert.Single(_log.List("acme")).Count);
    }

    [Fact]
    public void A_flood_of_different_refusals_keeps_the_newest_in_order()
    {
        var random = new Random(5);
        for (var i = 0; i < 50_000; i++)
            _log.Report(Of("account" + random.Next(60), random.Next(1000).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var all = _log.List(null, 0, int.MaxValue);
        Assert.Equal(RefusalLog.MaxEntries, all.Count);
        Assert.Equal(all.Select(view => view.Sequence).OrderDescending(), all.Select(view => view.Sequence));
        Assert.Equal(all.Count, Enumerable.Range(0, 60).Sum(i => _log.List("account" + i, 0, int.MaxValue).Count));
        // The fullest lose first, so all end up alike.
        Assert.InRange(Enumerable.Range(0, 60).Max(i => _log.List("account" + i, 0, int.MaxValue).Count), 160, 175);
        Assert.Equal(all.Take(7).Select(view => view.Sequence), _log.List(null, 0, 7).Select(view => view.Sequence));
        Assert.Equal(3, _log.List(null, all[3].Sequence, 100).Count);
    }

    [Fact]
    public async Task Operators_see_those_without_an_account_too()
    {
        await using var host = await ManagerHost.StartAsync();
        host.Get<IRefusalLog>().Report(Of(null, "10.0.0.1"));
        host.Get<IRefusalLog>().Report(Of("acme", "10.0.0.1"));
        Assert.Equal(2, (await host.Operator.GetFromJsonAsync("/api/v1/refusals", ContractsJson.Default.IReadOnlyListRefusalView))!.Count);
        Assert.Single((await host.Operator.GetFromJsonAsync("/api/v1/refusals?after=1", ContractsJson.Default.IReadOnlyListRefusalView))!);
    }

    private static Refusal Of(string? account, string address) =>
        new(RefusalCode.CertificateExpired, "It expired.", "Renew it.", account, "customer1.agent.localhost", address);
}
