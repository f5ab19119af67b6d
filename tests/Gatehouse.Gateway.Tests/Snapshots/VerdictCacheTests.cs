using System.Runtime.CompilerServices;
using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests.Snapshots;

/// <summary>Chains that were accepted are not validated again, and nothing else is kept.</summary>
public sealed class VerdictCacheTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IssuedCertificate s_ca = CertificateIssuer.CreateCa("/CN=CA", 100, KeyKind.EcP256, s_now);
    private static readonly IssuedCertificate s_client = CertificateIssuer.CreateClient(s_ca.CertificatePem, s_ca.PrivateKeyPem, "/CN=Client", null, 10, KeyKind.EcP256, s_now);

    [Fact]
    public void An_accepted_chain_is_judged_once_and_its_time_each_time()
    {
        var endpoint = Endpoint();
        var chain = Chain(s_client);
        var first = Judge(endpoint, chain, s_now);
        Assert.True(first.IsAccepted);
        var kept = Judge(endpoint, Chain(s_client), s_now + TimeSpan.FromDays(1));
        Assert.Same(first.Certificate, kept.Certificate);

        Assert.Equal(RefusalCode.CertificateExpired, Judge(endpoint, chain, s_now + TimeSpan.FromDays(11)).Refusal?.Code);
        Assert.Equal(RefusalCode.CertificateExpired, Judge(endpoint, chain, first.ValidUntil!.Value + TimeSpan.FromSeconds(1)).Refusal?.Code);
        Assert.Equal(RefusalCode.CertificateNotYetValid, Judge(endpoint, chain, s_now - TimeSpan.FromDays(1)).Refusal?.Code);
        Assert.Same(kept, Judge(endpoint, chain, s_now + TimeSpan.FromDays(2)));
    }

    [Fact]
    public void A_new_generation_begins_with_nothing()
    {
        var index = new TrustIndex();
        index.Apply([Trust(1, s_ca)]);
        Assert.True(Judge(index.Current.ByAccount.GetValueOrDefault("acc")!, Chain(s_client), s_now).IsAccepted);
        var other = CertificateIssuer.CreateCa("/CN=CA", 100, KeyKind.EcP256, s_now);
        index.Apply([Trust(2, other)]);
        Assert.Equal(RefusalCode.CertificateUnknownCa, Judge(index.Current.ByAccount.GetValueOrDefault("acc")!, Chain(s_client), s_now).Refusal?.Code);
    }

    [Fact]
    public void Other_certificates_beside_the_same_leaf_are_another_chain()
    {
        ReadOnlyMemory<byte> leaf = new byte[] { 1, 2, 3 };
        var keys = new[]
        {
            ChainKey.Of(new(leaf, [])), ChainKey.Of(new(leaf, [leaf])), ChainKey.Of(new(leaf, [leaf, leaf])), ChainKey.Of(new(leaf, [new byte[] { 1, 2 }, new byte[] { 3 }])),
            ChainKey.Of(new(leaf, [new byte[] { 1 }, new byte[] { 2, 3 }])), ChainKey.Of(new(new byte[] { 1, 2, 3, 0, 0, 0, 3, 1, 2, 3 }, [])),
        };
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[1], ChainKey.Of(new(leaf.ToArray(), [leaf.ToArray()])));
        Assert.Null(ChainKey.Of(new(new byte[70_000], [])));
    }

    [Fact]
    public void Refusals_are_not_kept()
    {
        var hot = new HotEndpoints();
        var endpoint = new EndpointSnapshot(Trust(1, s_ca), hot);
        for (var i = 0; i < 5; i++)
            Assert.False(Judge(endpoint, new PresentedChain(new byte[] { 0x30, (byte)i }, []), s_now).IsAccepted);
        Assert.Equal(0, hot.Verdicts);
        Judge(endpoint, Chain(s_client), s_now);
        Assert.Equal(1, hot.Verdicts);
    }

    [Fact]
    public void One_endpoint_keeps_at_most_its_share_and_finds_the_newest()
    {
        var grown = 0;
        var cache = new VerdictCache(added => grown += added);
        var verdict = ConnectionVerdict.Mtls("a.test", null!, s_now + TimeSpan.FromDays(1));
        var random = new Random(3);
        for (var i = 0; i < 5000; i++)
        {
            var key = new ChainKey((ulong)random.NextInt64(), (ulong)i, 0, 0);
            cache.Keep(key, verdict, s_now);
            Assert.Same(verdict, cache.Find(key, s_now));
        }
        Assert.InRange(grown, 200, VerdictCache.MaxEntries);
        Assert.Equal(grown, cache.Close());
        cache.Keep(default, verdict, s_now);
        Assert.Null(cache.Find(default, s_now));
    }

    [Fact]
    public void Endpoints_that_are_not_used_go_back_to_their_bare_trust()
    {
        var hot = new HotEndpoints(capacity: 10, maxVerdicts: 6);
        var endpoints = Enumerable.Range(0, 50).Select(i => new EndpointSnapshot(Trust(i, s_ca), hot)).ToList();
        foreach (var endpoint in endpoints)
        {
            Assert.True(Judge(endpoints[0], Chain(s_client), s_now).IsAccepted);
            Assert.True(Judge(endpoint, Chain(s_client), s_now).IsAccepted);
            Assert.InRange(hot.Count, 1, 10);
            Assert.InRange(hot.Verdicts, 1, 6);
        }
        // Always in use, so never let go: the same verdict object all the time.
        var anchors = endpoints[0].Anchors;
        Judge(endpoints[^1], Chain(s_client), s_now);
        Assert.Same(anchors, endpoints[0].Anchors);
    }

    [Fact]
    public void What_is_kept_holds_no_certificate()
    {
        // Up to 64 KiB of them, times 32,768, would be there long after their connections.
        var endpoint = Endpoint();
        var chain = JudgedAndGone(endpoint);
        GC.Collect();
        Assert.False(chain.IsAlive);
        Assert.NotNull(endpoint.Verdicts.Find(ChainKey.Of(Chain(s_client))!.Value, s_now));
    }

    [Fact]
    public void Who_is_open_still_knows_who_signed_its_chain_when_that_is_kept_already()
    {
        var before = Judge(Endpoint(), Chain(s_client), s_now);
        Assert.NotNull(before.Signatures);
        var endpoint = Endpoint();
        Judge(endpoint, Chain(s_client), s_now);
        var again = ConnectionJudge.Judge(endpoint, "a.test", Chain(s_client), s_now, "10.0.0.1", before);
        Assert.Same(before.Signatures, again.Signatures);
        Assert.Equal((before.IsAccepted, before.Authority, before.ValidUntil), (again.IsAccepted, again.Authority, again.ValidUntil));
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        var endpoint = Endpoint();
        var chain = Chain(s_client);
        Judge(endpoint, chain, s_now);
        Judge(endpoint, chain, s_now);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Judge(endpoint, chain, s_now);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static ConnectionVerdict Judge(EndpointSnapshot endpoint, PresentedChain chain, DateTimeOffset now) => ConnectionJudge.Judge(endpoint, "a.test", chain, now, "10.0.0.1");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference JudgedAndGone(EndpointSnapshot endpoint)
    {
        var der = BundleDer.FromPem(s_client.CertificatePem);
        Assert.True(Judge(endpoint, new PresentedChain(der, []), s_now).IsAccepted);
        return new WeakReference(der);
    }

    private static EndpointSnapshot Endpoint() => new(Trust(1, s_ca));

    private static EndpointTrust Trust(long generation, IssuedCertificate ca) =>
        new("acc", generation, "a.test", null, MtlsMode.STRICT, BundleDer.FromPem(ca.CertificatePem));

    private static PresentedChain Chain(IssuedCertificate issued) => new(BundleDer.FromPem(issued.CertificatePem), []);
}
