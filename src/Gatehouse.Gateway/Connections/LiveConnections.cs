using Gatehouse.Contracts;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>
/// Every admitted connection, by account, and every request in flight on a shared host, so that a change of trust reaches what is
/// already open (threat A9): whatever asks for something is judged first (<see cref="EnsureCurrent"/>), and a pass beside the change ends
/// what is idle. Thread-safe.
/// </summary>
internal sealed partial class LiveConnections : IDisposable
{
    private readonly PerAccount<AgentConnection> _connections = new();
    private readonly PerAccount<RequestOrigin> _sharedRequests = new();
    private readonly ExpiryWheel _expiry = new();
    private readonly ConnectionCutter _cutter;
    private readonly RejudgePass _pass;
    private readonly TrustIndex _index;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly IRefusalLog _refusals;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger<LiveConnections> _logger;

    public LiveConnections(
        TrustIndex index, GatewayOptions options, TimeProvider time, IRefusalLog refusals, GatewayMetrics metrics, ILogger<LiveConnections> logger)
    {
        (_index, _options, _time, _refusals, _metrics, _logger) = (index, options, time, refusals, metrics, logger);
        _cutter = new ConnectionCutter(options.RevocationGrace, time);
        _pass = new RejudgePass(account => _connections.Has(account) || _sharedRequests.Has(account), RejudgeAccountAsync);
        _index.Changed += _pass.Begin;
    }

    public void Dispose() => _index.Changed -= _pass.Begin;

    /// <summary>Adds a connection, and judges it again should trust have changed since its handshake read it.</summary>
    public void Add(AgentConnection connection)
    {
        if (connection.AccountId is not { } account)
            return;
        _connections.Add(account, connection);
        _expiry.Place(connection);
        Rejudge(connection);
    }

    public void Remove(AgentConnection connection)
    {
        if (connection.AccountId is not { } account)
            return;
        _connections.Remove(account, connection);
        _expiry.Remove(connection);
    }

    /// <summary>
    /// Judges a connection again when trust changed since it was looked at. Called before each request: what a client asks for after a change
    /// was answered is judged by that change, whether or not the pass has come to its connection. And by the clock of now: nothing is served
    /// between the end of a certificate and the look that ends its connections.
    /// </summary>
    public void EnsureCurrent(AgentConnection connection)
    {
        if (connection.AccountId is null)
            return;
        if (connection.SeenVersion != _index.Current.Version)
            Rejudge(connection);
        if (connection.Verdict.ValidUntil is { } until && until <= _time.GetUtcNow())
            Rejudge(connection, force: true);
    }

    /// <summary>Adds a request that names <paramref name="account"/> on a shared host, and judges it again against a change that came meanwhile.</summary>
    public void Add(string account, RequestOrigin request)
    {
        _sharedRequests.Add(account, request);
        RejudgeShared(account, request);
    }

    public void Remove(string account, RequestOrigin request) => _sharedRequests.Remove(account, request);

    /// <summary>Ends connections whose verdict has run out: called a few times a second.</summary>
    public async Task ExpireVerdictsAsync()
    {
        var due = _expiry.Due(_time.GetUtcNow());
        if (due.Count == 0)
            return;
        var refused = new RefusedChains();
        await RejudgePass.ShareAsync(due, connection => RejudgeOrCut(connection, refused, force: true));
        Log.Expired(_logger, due.Count);
    }

    private async Task RejudgeAccountAsync(string account)
    {
        try
        {
            foreach (var request in _sharedRequests.Of(account))
                RejudgeShared(account, request);
            var (ended, refused) = (0, new RefusedChains());
            var connections = _connections.Of(account);
            await RejudgePass.ShareAsync(connections, connection =>
            {
                if (RejudgeOrCut(connection, refused))
                    Interlocked.Increment(ref ended);
            });
            if (ended > 0)
                Log.EndedAll(_logger, ended, connections.Count, account);
        }
        catch (Exception e)
        {
            // The other accounts go on.
            Log.PassFailed(_logger, account, e);
        }
    }

    private bool RejudgeOrCut(AgentConnection connection, RefusedChains refused, bool force = false)
    {
        try
        {
            return Rejudge(connection, force, refused);
        }
        catch (Exception e)
        {
            // Judging does not throw. Should it, what could not be judged does not stay open.
            Log.PassFailed(_logger, connection.AccountId!, e);
            connection.Cut();
            return true;
        }
    }

    /// <summary>True when this ended it.</summary>
    private bool Rejudge(AgentConnection connection, bool force = false, RefusedChains? refused = null)
    {
        // One at a time, and the trust is read within: a judgement by older trust, held up, must not come after one by newer.
        lock (connection)
        {
            var snapshot = _index.Current;
            var ended = Find(snapshot, connection) is { } endpoint ? JudgeBy(endpoint, connection, force, refused) : EndDisabled(connection);
            // After the judgement: whoever reads it may rely on the verdict.
            connection.SeenVersion = snapshot.Version;
            return ended;
        }
    }

    private static EndpointSnapshot? Find(TrustSnapshot snapshot, AgentConnection connection) =>
        snapshot.ByHost.TryGetValue(HostName.WithoutServicePrefix(connection.Target.Host), out var endpoint) && endpoint.AccountId == connection.AccountId ? endpoint : null;

    private bool JudgeBy(EndpointSnapshot endpoint, AgentConnection connection, bool force, RefusedChains? refused)
    {
        if (!force && endpoint.Generation == connection.Endpoint?.Generation)
            return false;
        var now = _time.GetUtcNow();
        // A change of the mode alone leaves ten thousand different certificates as good as they were.
        var verdict = connection.Verdict.HoldsAt(now) && endpoint.TrustsAs(connection.Endpoint)
            ? connection.Verdict
            : refused?.Judge(endpoint, connection.Target.Host, connection.Chain, now, connection.RemoteAddress, connection.Verdict)
                ?? ConnectionJudge.Judge(endpoint, connection.Target.Host, connection.Chain, now, connection.RemoteAddress, connection.Verdict);
        if (!verdict.IsAccepted)
            return End(connection, verdict.Refusal!);
        connection.Renew(endpoint, verdict);
        _expiry.Place(connection);
        return false;
    }

    private bool EndDisabled(AgentConnection connection) => End(connection, new Refusal(
        RefusalCode.EndpointDisabled, $"{connection.Target.Host} is no endpoint of account {connection.AccountId} any more.",
        "Ask the account owner for the endpoint's new name.", connection.AccountId, connection.Target.Host, connection.RemoteAddress, connection.Verdict.Certificate));

    private void RejudgeShared(string account, RequestOrigin request)
    {
        var rule = _index.Current.ByAccount.GetValueOrDefault(account)?.Rule;
        var decision = Admission.Decide(rule, null, account);
        if (!decision.IsAccepted && request.Revoke(Refusals.MtlsRequired(rule!, request.Host, request.RemoteAddress), _options.RevocationGrace, _time))
            _metrics.Revoked(decision.Code!.Value);
    }

    private bool End(AgentConnection connection, Refusal refusal)
    {
        if (!connection.TryRevoke(refusal))
            return false;
        _refusals.Report(refusal);
        _metrics.Revoked(refusal.Code);
        Log.Ended(_logger, connection.AccountId!, connection.RemoteAddress, refusal.Code);
        _cutter.End(connection);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Debug, "Ended a connection of account {Account} from {Address}: {Code}")]
        public static partial void Ended(ILogger logger, string account, string address, RefusalCode code);

        [LoggerMessage(2150, LogLevel.Information, "Ended {Ended} of {Open} open connections of account {Account} after a change of its trust")]
        public static partial void EndedAll(ILogger logger, int ended, int open, string account);

        [LoggerMessage(2152, LogLevel.Error, "Not everything that account {Account} has open could be judged by its new trust")]
        public static partial void PassFailed(ILogger logger, string account, Exception exception);

        [LoggerMessage(2151, LogLevel.Information, "Judged {Count} connections again whose certificates ran out")]
        public static partial void Expired(ILogger logger, int count);
    }
}
