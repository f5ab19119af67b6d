using System.Text.Json;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Delegates;

/// <summary>Delegates come, say that they live, and go.</summary>
internal sealed partial class DelegateService(
    ManagerDatabase database, DelegateDirectory delegates, TrustRegistry trust, TaskBoard board, TaskLife life, TimeProvider time, ILogger<DelegateService> logger)
{
    public const string Enabled = "ENABLED";
    public const string Deleted = "DELETED";
    private const int MaxPerAccount = 10_000;

    /// <summary>
    /// Registers, or recognises (protocol sheet §5.4). One that comes back just as it was costs no write: after a restart of the
    /// server the whole fleet does.
    /// </summary>
    public async Task<Outcome<DelegateState>> RegisterAsync(AgentCaller caller, DelegateParams body, CancellationToken cancellationToken)
    {
        if (Mismatch(caller, body) is { } mismatch)
            return mismatch;
        if (!RegisterRules.FactsOf(body).Succeeded(out var facts, out var fault))
            return fault;
        var origin = DelegateOrigin.Of(caller.Origin);
        var known = delegates.Find(DelegateIdentity.Of(caller.AccountId, facts));
        if (known is null || !known.Facts.Equals(facts))
        {
            if (!(await StoreAsync(caller, facts, origin, cancellationToken)).Succeeded(out known, out fault))
                return fault;
        }
        Alive(known, caller, origin, body.LastHeartBeat);

        // A keep-alive registers again without having restarted (sheet §5.2). Any other does so because it did: what it does not list is gone.
        if (!body.KeepAlivePacket)
            await FailForgottenAsync(known, body.CurrentlyExecutingDelegateTasks ?? []);
        return known;
    }

    /// <summary>Null: nobody of that id, which the answer tells by its status (sheet §5.5).</summary>
    public Outcome<Beat> Heartbeat(AgentCaller caller, DelegateParams body)
    {
        if (Mismatch(caller, body) is { } mismatch)
            return mismatch;
        if (delegates.Find(caller.AccountId, body.DelegateId) is not { } state)
            return new Beat(null);
        Alive(state, caller, DelegateOrigin.Of(caller.Origin), body.LastHeartBeat);
        return new Beat(state);
    }

    /// <summary>The delegate goes for good: its record, its stream and, visibly, what it still ran. Unknown is no error.</summary>
    public async Task UnregisterAsync(AgentCaller caller, UnregisterDelegateRequest body)
    {
        var state = delegates.Find(caller.AccountId, body.DelegateId) ?? (string.IsNullOrEmpty(body.DelegateId) ? ByHost(caller.AccountId, body) : null);
        if (state is null)
            return;
        await RemoveAsync(state);
        foreach (var task in board.RunningOn(state.Id))
            await life.EndStartedAsync(task, TaskState.FAILED, $"Delegate '{task.DelegateName}' unregistered while it ran the task.", CancellationToken.None);
        state.Stream?.End(StreamEnd.Plain(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, "unregistered"));
        Log.Unregistered(logger, state.Facts.Name, state.Id, state.AccountId);
    }

    /// <summary>Takes the record out. A delegate that comes back is a new one: it went in order, or was away for days.</summary>
    public Task RemoveAsync(DelegateState state) => database.WriteAsync<string>(async (db, ct) =>
    {
        await db.Delegates.Where(row => row.Id == state.Id).ExecuteDeleteAsync(ct);
        return state.Id;
    }, _ => delegates.Remove(state), CancellationToken.None);

    private async Task<Outcome<DelegateState>> StoreAsync(AgentCaller caller, DelegateFacts facts, DelegateOrigin origin, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await database.WriteAsync<DelegateState>(async (db, ct) =>
        {
            if (await db.Accounts.FindAsync([caller.AccountId], ct) is null)
                return Fault.Of(ProtocolErrorCode.AccountDoesNotExist, $"The account '{caller.AccountId}' was deleted.");
            var json = JsonSerializer.Serialize(facts, ManagerJson.Default.DelegateFacts);
            // Looked up again as the only writer: two registrations at once make one delegate.
            if (delegates.Find(DelegateIdentity.Of(caller.AccountId, facts)) is { } known)
            {
                await db.Delegates.Where(row => row.Id == known.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Facts, json), ct);
                return known;
            }
            if (delegates.CountOf(caller.AccountId) >= MaxPerAccount)
                return Fault.Of(ProtocolErrorCode.UsageLimitsExceeded, $"Account '{caller.AccountId}' has {MaxPerAccount} delegates, which is the limit.");
            var state = new DelegateState(Ids.Random(), caller.AccountId, now) { Facts = facts, Origin = origin, TokenName = caller.Token.Name, LastHeartbeat = now };
            db.Delegates.Add(new DelegateRow
            {
                Id = state.Id,
                AccountId = state.AccountId,
                Facts = json,
                Origin = JsonSerializer.Serialize(origin, ManagerJson.Default.DelegateOrigin),
                TokenName = state.TokenName,
                RegisteredAt = now,
                LastHeartbeat = now,
            });
            return state;
        }, state =>
        {
            state.Facts = facts;
            if (delegates.Find(state.AccountId, state.Id) is null)
            {
                delegates.Add(state);
                Log.Registered(logger, facts.Name, state.Id, state.AccountId, origin.Mtls, origin.ConnectedThrough);
            }
        }, cancellationToken);
    }

    /// <summary>In memory only; the tables follow in a batch.</summary>
    private void Alive(DelegateState state, AgentCaller caller, DelegateOrigin origin, long theirClock)
    {
        var now = time.GetUtcNow();
        state.LastHeartbeat = now;
        if (theirClock > 0)
            state.ClockSkew = theirClock - now.ToUnixTimeMilliseconds();
        if (!state.Origin.Equals(origin))
            state.Origin = origin;
        state.TokenName = caller.Token.Name;
        state.StreamLost = false;
        state.Judge(() => trust.RuleOf(state.AccountId));
        state.MarkDirty();
    }

    private async Task FailForgottenAsync(DelegateState state, IReadOnlyList<string> stillRunning)
    {
        foreach (var task in board.RunningOn(state.Id))
        {
            if (!stillRunning.Contains(task.Id, StringComparer.Ordinal))
                await life.EndStartedAsync(task, TaskState.FAILED, $"Delegate '{task.DelegateName}' restarted while it ran the task.", CancellationToken.None);
        }
    }

    private DelegateState? ByHost(string accountId, UnregisterDelegateRequest body)
    {
        var found = delegates.Of(accountId).Where(state => state.Facts.HostName == body.HostName && state.Facts.Ng == body.Ng &&
            (body.IpAddress is null || state.Facts.Ip == body.IpAddress)).Take(2).ToList();
        return found.Count == 1 ? found[0] : null; // Which of two is meant cannot be told.
    }

    private static Fault? Mismatch(AgentCaller caller, DelegateParams body) => body.AccountId is { Length: > 0 } account && account != caller.AccountId
        ? Fault.Of(ProtocolErrorCode.InvalidRequest, $"The query names account '{caller.AccountId}', the body another one. Check ACCOUNT_ID.")
        : null;

    private static partial class Log
    {
        [LoggerMessage(3060, LogLevel.Information, "Delegate {Name} ({Delegate}) of account {Account} registered; mTLS: {Mtls}, through {Host}", EventName = "DelegateRegistered")]
        public static partial void Registered(ILogger logger, string name, string @delegate, string account, bool mtls, string? host);

        [LoggerMessage(3061, LogLevel.Information, "Delegate {Name} ({Delegate}) of account {Account} unregistered", EventName = "DelegateUnregistered")]
        public static partial void Unregistered(ILogger logger, string name, string @delegate, string account);
    }
}

/// <summary>What a heartbeat found.</summary>
/// <param name="State">The delegate; null when there is none of that id.</param>
internal sealed record Beat(DelegateState? State);
