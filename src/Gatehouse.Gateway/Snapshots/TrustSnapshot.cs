using System.Collections.Immutable;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>All endpoints at one moment. Immutable: a change builds the next one beside it, sharing all but a few nodes.</summary>
/// <param name="ByHost">Endpoints by each name they answer to: FQDN and vanity host, lower case.</param>
/// <param name="ByAccount">Endpoints by account.</param>
/// <param name="Known">The newest generation seen per account, deleted endpoints included, so that a late older change cannot undo a newer one.</param>
/// <param name="Generation">The highest generation applied.</param>
internal sealed record TrustSnapshot(
    ImmutableDictionary<string, EndpointSnapshot> ByHost,
    ImmutableDictionary<string, EndpointSnapshot> ByAccount,
    ImmutableDictionary<string, long> Known,
    long Generation)
{
    public static TrustSnapshot Empty { get; } = new(
        ImmutableDictionary.Create<string, EndpointSnapshot>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, EndpointSnapshot>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, long>(StringComparer.Ordinal),
        0);

    /// <summary>The snapshot after <paramref name="changes"/>; the accounts whose endpoint really changed are added to <paramref name="changed"/>.</summary>
    public TrustSnapshot With(IReadOnlyList<EndpointTrust> changes, ICollection<string> changed)
    {
        var hosts = ByHost.ToBuilder();
        var accounts = ByAccount.ToBuilder();
        var known = Known.ToBuilder();
        var generation = Generation;

        // All names that go come before all names that arrive: a name may pass from one account to another within one batch.
        var newest = changes
            .GroupBy(c => c.AccountId, StringComparer.Ordinal)
            .Select(g => g.MaxBy(c => c.Generation)!)
            .Where(c => c.Generation > known.GetValueOrDefault(c.AccountId))
            .ToList();
        foreach (var change in newest)
        {
            if (accounts.Remove(change.AccountId, out var old))
            {
                foreach (var name in NamesOf(old.Trust))
                    hosts.Remove(name);
            }
        }
        foreach (var change in newest)
        {
            known[change.AccountId] = change.Generation;
            generation = Math.Max(generation, change.Generation);
            changed.Add(change.AccountId);
            if (change.IsDeleted)
                continue;
            var endpoint = new EndpointSnapshot(change);
            accounts[change.AccountId] = endpoint;
            foreach (var name in NamesOf(change))
                hosts[name] = endpoint;
        }
        return new TrustSnapshot(hosts.ToImmutable(), accounts.ToImmutable(), known.ToImmutable(), generation);
    }

    private static IEnumerable<string> NamesOf(EndpointTrust trust)
    {
        if (trust.Fqdn is not null)
            yield return trust.Fqdn;
        if (trust.VanityHost is not null)
            yield return trust.VanityHost;
    }
}
