using System.Collections.Concurrent;
using Gatehouse.Contracts;
using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>
/// What one look at open connections has refused already. A fleet often has one certificate for all of its agents, or a few, and when its trust ends each
/// of ten thousand connections shows the same: its path is searched once. It lives as long as the look and holds chains that had been accepted,
/// so that a stranger cannot fill it. Thread-safe.
/// </summary>
internal sealed class RefusedChains
{
    private readonly ConcurrentDictionary<(string Account, long Generation, ChainKey Chain), Refusal> _refused = new();

    /// <summary>As <see cref="ConnectionJudge.Judge"/>.</summary>
    public ConnectionVerdict Judge(EndpointSnapshot endpoint, string host, PresentedChain chain, DateTimeOffset now, string remoteAddress, ConnectionVerdict before)
    {
        if (chain.IsEmpty || ChainKey.Of(chain) is not { } key)
            return ConnectionJudge.Judge(endpoint, host, chain, now, remoteAddress, before);
        var known = (endpoint.AccountId, endpoint.Generation, key);
        if (_refused.TryGetValue(known, out var refusal))
            return ConnectionVerdict.Refused(refusal with { Host = host, RemoteAddress = remoteAddress });
        var verdict = ConnectionJudge.Judge(endpoint, host, chain, now, remoteAddress, before);
        if (verdict.Refusal is { } refused)
            _refused.TryAdd(known, refused);
        return verdict;
    }
}
