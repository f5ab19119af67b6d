using System.Collections.Concurrent;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Delegates;

/// <summary>All delegates in memory. Polls and heartbeats read and write here only; the tables follow in batches.</summary>
internal sealed class DelegateDirectory(ManagerOptions options, TimeProvider time) : IAccountPart
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, DelegateState>> _accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DelegateIdentity, DelegateState> _identities = new();

    public int Order => 10;

    public DelegateState? Find(string accountId, string? id) =>
        id is not null && _accounts.TryGetValue(accountId, out var delegates) && delegates.TryGetValue(id, out var state) ? state : null;

    public DelegateState? Find(DelegateIdentity identity) => _identities.GetValueOrDefault(identity);

    public IEnumerable<DelegateState> Of(string accountId) =>
        _accounts.TryGetValue(accountId, out var delegates) ? delegates.Select(pair => pair.Value) : [];

    public int CountOf(string accountId) => _accounts.TryGetValue(accountId, out var delegates) ? delegates.Count : 0;

    public IEnumerable<DelegateState> All => _accounts.SelectMany(account => account.Value.Select(pair => pair.Value));

    /// <summary>What people are shown: heard of lately, its stream not broken, not barred.</summary>
    public bool IsConnected(DelegateState state) => IsPresent(state) && !state.StreamLost;

    /// <summary>What assignment asks: heard of lately. A stream that broke a second ago does not make a task fail (protocol sheet §5.7).</summary>
    public bool IsPresent(DelegateState state) => !state.Barred && time.GetUtcNow() - state.LastHeartbeat <= options.ConnectedWithin;

    public void Add(DelegateState state)
    {
        _accounts.GetOrAdd(state.AccountId, _ => new(StringComparer.Ordinal))[state.Id] = state;
        _identities[DelegateIdentity.Of(state.AccountId, state.Facts)] = state;
    }


    public void Remove(DelegateState state)
    {
        if (_accounts.TryGetValue(state.AccountId, out var delegates))
            delegates.TryRemove(state.Id, out _);
        _identities.TryRemove(new(DelegateIdentity.Of(state.AccountId, state.Facts), state));
    }

    /// <summary>After a change of trust: those that would not be admitted again count as gone at once; the gateway closes their connections.</summary>
    public void Judge(string accountId, Func<EndpointRule?> ruleOfNow)
    {
        foreach (var state in Of(accountId))
            state.Judge(ruleOfNow);
    }

    public void Load(StoredRows stored)
    {
        const string Sql = """SELECT "Id", "AccountId", "RegisteredAt", "Facts", "Origin", "TokenName", "Capacity", "LastHeartbeat", "ClockSkew" FROM "delegates" """;
        foreach (var state in stored.Read(Sql, StateOf))
            Add(state);
    }

    private static DelegateState StateOf(StoredRow row) => new(row.Text(0), row.Text(1), row.Time(2))
    {
        Facts = JsonSerializer.Deserialize(row.Utf8(3), ManagerJson.Default.DelegateFacts)!,
        Origin = JsonSerializer.Deserialize(row.Utf8(4), ManagerJson.Default.DelegateOrigin)!,
        TokenName = row.TextOrNull(5),
        Capacity = (int?)row.NumberOrNull(6),
        LastHeartbeat = row.Time(7),
        ClockSkew = row.NumberOrNull(8),
    };

    public Task RemoveRowsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken) =>
        db.Delegates.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);

    public void Forget(string accountId)
    {
        foreach (var state in Of(accountId))
        {
            Remove(state);
            state.Stream?.End(StreamEnd.AccountDeleted(accountId));
        }
        _accounts.TryRemove(accountId, out _);
    }
}
