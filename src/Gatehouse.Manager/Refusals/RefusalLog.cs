using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Refusals;

/// <summary>
/// Refusals in memory, counted per (account, code, address, certificate, host). Bounded per account and in all: when full, the account with
/// the most entries loses its oldest, so a flood under one name does not push out another's. A client in a loop costs a look-up and a few
/// pointers each time.
/// </summary>
internal sealed class RefusalLog(TimeProvider time) : IRefusalLog
{
    public const int MaxEntries = 10_000;
    public const int MaxPerAccount = 500;
    internal const int MaxHost = 260;
    internal const int MaxAddress = 64;
    private const int MaxAccount = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<RefusalKey, RefusalEntry> _entries = [];
    private readonly Dictionary<string, AccountRefusals> _accounts = new(StringComparer.Ordinal);
    private readonly FullestAccounts _fullest = new(MaxPerAccount + 1);

    /// <summary>All entries, oldest first.</summary>
    private readonly LinkedList<RefusalEntry> _byAge = [];
    private long _sequence;

    public void Report(Refusal refusal)
    {
        var now = time.GetUtcNow();
        var key = new RefusalKey(
            Limited(refusal.AccountId, MaxAccount) ?? "", refusal.Code, Limited(refusal.RemoteAddress, MaxAddress), refusal.Certificate?.Sha256, Limited(refusal.Host, MaxHost));
        lock (_lock)
        {
            var isNew = !_entries.TryGetValue(key, out var entry);
            entry ??= Add(key);
            entry.Again(refusal, now, ++_sequence);
            ToTheEnd(entry.Account.Entries, entry.InAccount);
            ToTheEnd(_byAge, entry.InLog);
            if (!isNew)
                return;
            var account = entry.Account;
            _fullest.Moved(account, account.Entries.Count - 1, account.Entries.Count);
            if (account.Entries.Count > MaxPerAccount)
                EvictOldest(account);
            if (_entries.Count > MaxEntries)
                EvictOldest(_fullest.Fullest);
        }
    }

    public IReadOnlyList<RefusalView> List(string? accountId, long afterSequence = 0, int limit = 100)
    {
        lock (_lock)
        {
            var views = new List<RefusalView>();
            var entries = accountId is null ? _byAge : _accounts.GetValueOrDefault(accountId)?.Entries;
            // By age is by sequence: from the newest on, until enough or too old.
            for (var node = entries?.Last; node is not null && views.Count < limit && node.Value.Sequence > afterSequence; node = node.Previous)
                views.Add(node.Value.View());
            return views;
        }
    }

    private RefusalEntry Add(RefusalKey key)
    {
        if (!_accounts.TryGetValue(key.Account, out var account))
            _accounts[key.Account] = account = new AccountRefusals(key.Account);
        return _entries[key] = new RefusalEntry(key, account);
    }

    private void EvictOldest(AccountRefusals account)
    {
        var oldest = account.Entries.First!.Value;
        account.Entries.RemoveFirst();
        _byAge.Remove(oldest.InLog);
        _entries.Remove(oldest.Key);
        _fullest.Moved(account, account.Entries.Count + 1, account.Entries.Count);
        if (account.Entries.Count == 0)
            _accounts.Remove(account.Account);
    }

    private static void ToTheEnd(LinkedList<RefusalEntry> list, LinkedListNode<RefusalEntry> node)
    {
        if (ReferenceEquals(list.Last, node))
            return;
        if (node.List is not null)
            list.Remove(node);
        list.AddLast(node);
    }

    private static string? Limited(string? text, int most) => text is null || text.Length <= most ? text : Bounded.Text(text, most);
}
