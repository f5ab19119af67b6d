using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>All endpoints at one moment. Immutable: a change builds the next one beside it, which shares nearly everything.</summary>
internal sealed class TrustSnapshot
{
    /// <summary>Deleted endpoints by account, with the generation at which they went.</summary>
    private readonly OverlaidMap _deleted;

    private TrustSnapshot(OverlaidMap byHost, OverlaidMap byAccount, OverlaidMap deleted, long generation, long version) =>
        (ByHost, ByAccount, _deleted, Generation, Version) = (byHost, byAccount, deleted, generation, version);

    public static TrustSnapshot Empty { get; } = new(OverlaidMap.Empty, OverlaidMap.Empty, OverlaidMap.Empty, 0, 0);

    /// <summary>Endpoints by each name they answer to: FQDN and vanity host, lower case.</summary>
    public OverlaidMap ByHost { get; }

    /// <summary>Endpoints by account.</summary>
    public OverlaidMap ByAccount { get; }

    /// <summary>The highest generation applied.</summary>
    public long Generation { get; }

    /// <summary>Counts the swaps of this process: generations may arrive out of order, this number never repeats.</summary>
    public long Version { get; }

    /// <summary>
    /// The snapshot after <paramref name="changes"/>; the accounts whose endpoint really changed are added to <paramref name="changed"/>.
    /// A name may pass from one account to another within one batch, and is never served for both.
    /// </summary>
    public TrustSnapshot With(IReadOnlyList<EndpointTrust> changes, ICollection<string> changed, HotEndpoints? hot = null)
    {
        var accounts = Newest(changes, hot);
        if (accounts.Count == 0)
            return this;
        var hosts = new Dictionary<string, EndpointSnapshot?>(accounts.Count, StringComparer.Ordinal);
        var gone = new Dictionary<string, EndpointSnapshot?>(StringComparer.Ordinal);
        var generation = Generation;

        // All names that go come before all names that arrive.
        foreach (var account in accounts.Keys)
        {
            if (!ByAccount.TryGetValue(account, out var old))
                continue;
            Release(hosts, old.Fqdn, old);
            if (old.Trust.VanityHost is { } vanity)
                Release(hosts, vanity, old);
        }
        foreach (var (account, newest) in accounts)
        {
            var (endpoint, change) = (newest!, newest!.Trust);
            generation = Math.Max(generation, change.Generation);
            changed.Add(account);
            // A deleted endpoint is remembered, so that a late older change cannot bring it back.
            if (change.IsDeleted || _deleted.TryGetValue(account, out _))
                gone[account] = change.IsDeleted ? endpoint : null;
            if (change.IsDeleted)
                accounts[account] = null; // Replacing while enumerating is allowed.
            if (change.Fqdn is { } fqdn)
                hosts[fqdn] = endpoint;
            if (!change.IsDeleted && change.VanityHost is { } host)
                hosts[host] = endpoint;
        }
        return new TrustSnapshot(ByHost.With(hosts), ByAccount.With(accounts), _deleted.With(gone), generation, Version + 1);
    }

    // Not when another account has the name already: that account's change may have come before this one's.
    private void Release(Dictionary<string, EndpointSnapshot?> hosts, string name, EndpointSnapshot owner)
    {
        if (ReferenceEquals(ByHost.GetValueOrDefault(name), owner))
            hosts[name] = null;
    }

    /// <summary>Of each account the newest change, when it is newer than what is known.</summary>
    private Dictionary<string, EndpointSnapshot?> Newest(IReadOnlyList<EndpointTrust> changes, HotEndpoints? hot)
    {
        var newest = new Dictionary<string, EndpointSnapshot?>(changes.Count, StringComparer.Ordinal);
        foreach (var change in changes)
        {
            var known = newest.TryGetValue(change.AccountId, out var other) ? other!.Generation : KnownGeneration(change.AccountId);
            if (change.Generation > known)
                newest[change.AccountId] = new EndpointSnapshot(change, hot);
        }
        return newest;
    }

    private long KnownGeneration(string account) =>
        (ByAccount.GetValueOrDefault(account) ?? _deleted.GetValueOrDefault(account))?.Generation ?? 0;
}
