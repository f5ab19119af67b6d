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
