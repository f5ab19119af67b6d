using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Refusals;

/// <summary>
/// Refusals in memory, counted per (account, code, address, certificate, host). Bounded per account and in all: when full, the account with
/// the most entries loses its oldest, so a flood under one name does not push out another's.
/// </summary>
internal sealed class RefusalLog(TimeProvider time) : IRefusalLog
{
    public const int MaxEntries = 10_000;
    public const int MaxPerAccount = 500;
    private const int MaxMessage = 512;
    private const int MaxHost = 260;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Dictionary<string, LinkedList<Entry>> _accounts = new(StringComparer.Ordinal);

    /// <summary>Accounts by number of entries, so that the fullest is found at once.</summary>
    private readonly SortedSet<(int Count, string Account)> _sizes = [];
    private long _sequence;

    public void Report(Refusal refusal)
    {
        var now = time.GetUtcNow();
        var account = Bounded.Text(refusal.AccountId ?? "", 64);
        var host = refusal.Host is null ? null : Bounded.Text(refusal.Host, MaxHost);
        var address = refusal.RemoteAddress is null ? null : Bounded.Text(refusal.RemoteAddress, 64);
        var key = new Key(account, refusal.Code, address, refusal.Certificate?.Sha256, host);
        lock (_lock)
        {
            if (!_accounts.TryGetValue(account, out var list))
                _accounts[account] = list = new LinkedList<Entry>();
            var before = list.Count;
            if (_entries.TryGetValue(key, out var entry))
                list.Remove(entry.Node);
            else
                _entries[key] = entry = new Entry(key) { FirstSeen = now };
            (entry.LastSeen, entry.Sequence) = (now, ++_sequence);
            entry.Count++;
            entry.Message = Bounded.Text(refusal.Message, MaxMessage);
            entry.NextStep = Bounded.Text(refusal.NextStep, MaxMessage);
            entry.Certificate = Safe(refusal.Certificate);
            list.AddLast(entry.Node);
            Resized(account, before, list.Count);
            if (list.Count > MaxPerAccount)
                EvictOldest(account);
            if (_entries.Count > MaxEntries)
                EvictOldest(_sizes.Max.Account);
        }
    }

    public IReadOnlyList<RefusalView> List(string? accountId, long afterSequence = 0, int limit = 100)
    {
        lock (_lock)
        {
            var entries = accountId is null ? _accounts.Values.SelectMany(list => list)
                : _accounts.TryGetValue(accountId, out var one) ? one : Enumerable.Empty<Entry>();
            return [.. entries.Where(entry => entry.Sequence > afterSequence).OrderByDescending(entry => entry.Sequence).Take(limit).Select(entry => entry.View())];
        }
    }

    private void EvictOldest(string account)
    {
        var list = _accounts[account];
        var oldest = list.First!.Value;
        list.RemoveFirst();
        _entries.Remove(oldest.Key);
        Resized(account, list.Count + 1, list.Count);
        if (list.Count == 0)
            _accounts.Remove(account);
    }

    private void Resized(string account, int before, int after)
    {
        _sizes.Remove((before, account));
        _sizes.Remove((after, account));
        if (after > 0)
            _sizes.Add((after, account));
    }

    private static PresentedCertificate? Safe(PresentedCertificate? certificate) => certificate is null
        ? null
        : certificate with { Subject = Bounded.Text(certificate.Subject, MaxMessage), Issuer = Bounded.Text(certificate.Issuer, MaxMessage) };

    private sealed record Key(string Account, RefusalCode Code, string? Address, string? Certificate, string? Host);

    private sealed class Entry
    {
        public Entry(Key key) => (Key, Node) = (key, new LinkedListNode<Entry>(this));

        public Key Key { get; }
        public LinkedListNode<Entry> Node { get; }
        public long Sequence { get; set; }
        public long Count { get; set; }
        public DateTimeOffset FirstSeen { get; init; }
        public DateTimeOffset LastSeen { get; set; }
        public string Message { get; set; } = "";
        public string NextStep { get; set; } = "";
        public PresentedCertificate? Certificate { get; set; }

        public RefusalView View() => new()
        {
            Sequence = Sequence,
            Code = Key.Code.Name(),
            Message = Message,
            NextStep = NextStep,
            AccountId = Key.Account.Length == 0 ? null : Key.Account,
            Host = Key.Host,
            RemoteAddress = Key.Address,
            Certificate = Certificate,
            Count = Count,
            FirstSeen = FirstSeen,
            LastSeen = LastSeen,
        };
    }
}
