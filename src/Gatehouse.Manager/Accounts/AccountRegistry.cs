using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Accounts;

/// <summary>An account as every request needs it.</summary>
internal sealed record AccountEntry(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>All accounts in memory: loaded at start, changed after each commit.</summary>
internal sealed class AccountRegistry
{
    /// <summary>Characters; longer ids, if there should be any, take the slower way.</summary>
    private const int MaxIdOnStack = 256;

    private ConcurrentDictionary<string, AccountEntry> _accounts = new(StringComparer.Ordinal);

    public int Count => _accounts.Count;

    public bool Exists(string id) => _accounts.ContainsKey(id);

    public bool TryGet(string id, [NotNullWhen(true)] out AccountEntry? account) => _accounts.TryGetValue(id, out account);

    /// <summary>The id that these bytes say: the known account's own string where there is one.</summary>
    /// <param name="utf8">An id as it is stored.</param>
    public string IdOf(ReadOnlySpan<byte> utf8)
    {
        Span<char> id = stackalloc char[MaxIdOnStack];
        return Encoding.UTF8.TryGetChars(utf8, id, out var length) && _accounts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id[..length], out var account)
            ? account.Id
            : Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Brings the stored ones into memory, before anything listens.</summary>
    public void Load(StoredRows stored)
    {
        var all = stored.Read("""SELECT "Id", "Name", "CreatedAt" FROM "accounts" """, EntryOf).ToList();
        _accounts = LargeMap.For<AccountEntry>(all.Count);
        all.ForEach(Set);
    }

    // Most are called what their id is.
    private static AccountEntry EntryOf(StoredRow row)
    {
        var id = row.Text(0);
        return new AccountEntry(id, row.Utf8(1).SequenceEqual(row.Utf8(0)) ? id : row.Text(1), row.Time(2));
    }

    public void Set(AccountEntry account) => _accounts[account.Id] = account;

    public void Remove(string id) => _accounts.TryRemove(id, out _);

    /// <summary>At most <paramref name="limit"/> accounts in order of id, after <paramref name="after"/>.</summary>
    public IReadOnlyList<AccountEntry> Page(string after, int limit) =>
        [.. _accounts.Values.Where(account => string.CompareOrdinal(account.Id, after) > 0).OrderBy(account => account.Id, StringComparer.Ordinal).Take(limit)];
}
