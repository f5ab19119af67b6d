using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gatehouse.Manager.Accounts;

/// <summary>An account as every request needs it.</summary>
internal sealed record AccountEntry(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>All accounts in memory: loaded at start, changed after each commit.</summary>
internal sealed class AccountRegistry
{
    private readonly ConcurrentDictionary<string, AccountEntry> _accounts = new(StringComparer.Ordinal);

    public bool Exists(string id) => _accounts.ContainsKey(id);

    public bool TryGet(string id, [NotNullWhen(true)] out AccountEntry? account) => _accounts.TryGetValue(id, out account);

    public void Set(AccountEntry account) => _accounts[account.Id] = account;

    public void Remove(string id) => _accounts.TryRemove(id, out _);

    /// <summary>At most <paramref name="limit"/> accounts in order of id, after <paramref name="after"/>.</summary>
    public IReadOnlyList<AccountEntry> Page(string after, int limit) =>
        [.. _accounts.Values.Where(account => string.CompareOrdinal(account.Id, after) > 0).OrderBy(account => account.Id, StringComparer.Ordinal).Take(limit)];
}
