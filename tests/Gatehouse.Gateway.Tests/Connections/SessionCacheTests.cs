using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gatehouse.Tls;
using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Gateway.Tests.Connections;

public sealed partial class SessionCacheTests : IDisposable
{
    private static readonly byte[] s_context = [1, 2, 3];
    private readonly SessionCache _cache = new(capacity: 100);

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void One_owner_may_have_all_and_gives_way_to_others_and_not_they_to_it()
    {
        var flood = Add("a", 500);
        Assert.Equal((100, 100), (_cache.Count, flood.Count(Has)));
        var others = Add("b", 50);
        Assert.Equal((100, 50, 50), (_cache.Count, flood.Count(Has), others.Count(Has)));
        flood = Add("a", 500);
        Assert.Equal((50, 50), (flood.Count(Has), others.Count(Has)));
        Assert.All(flood[^50..], id => Assert.True(Has(id)));
    }

    /// <summary>The one that had most is gone: who has too many now is known all the same, though it does nothing.</summary>
    [Fact]
    public void An_idle_owner_with_more_than_its_share_gives_way_before_those_with_less()
    {
        var modest = Add("modest", 5);
        var idle = Add("idle", 45);
        foreach (var id in Add("gone", 50))
            _cache.Remove(id);
        foreach (var owner in new[] { "x", "y" })
            Add(owner, 25);
        Assert.Equal((100, 5, 45), (_cache.Count, modest.Count(Has), idle.Count(Has)));

        var newcomers = Add("newcomer", 20);
        Assert.Equal((100, 20), (_cache.Count, newcomers.Count(Has)));
        Assert.Equal((5, 25), (modest.Count(Has), idle.Count(Has)));
        Assert.All(idle[^25..], id => Assert.True(Has(id)));
    }

    [Fact]
    public void Whatever_comes_and_goes_nobody_below_its_share_loses_anything_to_others()
    {
        var random = new Random(7);
        var kept = new Dictionary<string, List<byte[]>>();
        for (var i = 0; i < 4_000; i++)
        {
            var owner = $"{(int)(10 * random.NextDouble() * random.NextDouble())}";
            if (random.Next(3) == 0 && kept.GetValueOrDefault(owner) is { Count: > 0 } some)
            {
                _cache.Remove(some[0]);
                some.RemoveAt(0);
                continue;
            }
            var before = kept.ToDictionary(k => k.Key, k => k.Value.Count);
            var isFull = _cache.Count == 100;
            var (id, all) = (Add(owner, 1)[0], kept.TryGetValue(owner, out var list) ? list : kept[owner] = []);
            all.Add(id);
            var lost = kept.SelectMany(k => k.Value.Where(s => !Has(s)).Select(s => (Owner: k.Key, Id: s))).ToList();
            Assert.Equal(isFull ? 1 : 0, lost.Count);
            foreach (var (loser, which) in lost)
            {
                // Its oldest; its own where it has its share, else of one that has most, if that is more than a share.
                Assert.Same(kept[loser][0], which);
                var owners = before.Where(b => b.Value > 0).Select(b => b.Key).Append(owner).Distinct().Count();
                var share = Math.Max(1, 100 / owners);
                if (before.GetValueOrDefault(owner) >= share)
                    Assert.Equal(owner, loser);
                else if (before.Values.Max() > share)
                    Assert.Equal(before.Values.Max(), before[loser]);
                kept[loser].RemoveAt(0);
            }
        }
    }

    [Fact]
    public void A_session_is_found_in_its_own_context_only_and_once_removed_not_at_all()
    {
        var id = Add("a", 1)[0];
        Assert.True(Has(id));
        Assert.Null(_cache.Find(id, new byte[] { 1, 2, 4 }));
        Assert.Null(_cache.Find(id.AsSpan(0, 31), s_context));
        _cache.Remove(id);
        Assert.False(Has(id));
        Assert.Equal(0, _cache.Count);
    }

    private List<byte[]> Add(string owner, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var id = RandomNumberGenerator.GetBytes(32);
        Assert.True(_cache.Add(id, SSL_SESSION_new(), owner, s_context, PresentedChain.None));
        return id;
    })];

    private bool Has(byte[] id)
    {
        if (_cache.Find(id, s_context) is not { } found)
            return false;
        found.Release();
        return true;
    }

    [LibraryImport("libssl.so.3")] private static partial nint SSL_SESSION_new();
}
