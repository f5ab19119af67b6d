using Gatehouse.Contracts;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>
/// Every admitted connection, by account, and every request in flight on a shared host, so that a change of trust reaches what is
/// already open (threat A9). Thread-safe.
/// </summary>
internal sealed partial class LiveConnections : IDisposable
{
    private readonly PerAccount<AgentConnection> _connections = new();
    private readonly PerAccount<RequestOrigin> _sharedRequests = new();
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
        _index.Changed += RejudgeAccounts;
    }

    public void Dispose() => _index.Changed -= RejudgeAccounts;

    /// <summary>Adds a connection, and judges it again should trust have changed since its handshake read it.</summary>
    public void Add(AgentConnection connection)
    {
        if (connection.AccountId is not { } account)
            return;
        _connections.Add(account, connection);
        Rejudge(connection, new VerdictCache());
    }

    public void Remove(AgentConnection connection)
    {
        if (connection.AccountId is { } account)
            _connections.Remove(account, connection);
    }

    /// <summary>Adds a request that names <paramref name="account"/> on a shared host, and judges it again against a change that came meanwhile.</summary>
    public void Add(string account, RequestOrigin request)
    {
        _sharedRequests.Add(account, request);
        RejudgeShared(account, request);
    }

    public void Remove(string account, RequestOrigin request) => _sharedRequests.Remove(account, request);

    /// <summary>Ends connections whose verdict has run out: called once a second.</summary>
    public void ExpireVerdicts()
    {
        var now = _time.GetUtcNow();
        foreach (var connection in _connections.Where(c => c.RevokedBecause is null && c.Verdict.ValidUntil is { } until && until <= now))
            Rejudge(connection, new VerdictCache(), force: true);
    }

    private void RejudgeAccounts(IReadOnlyCollection<string> accounts)
    {
        foreach (var account in accounts)
        {
            // One cache a pass: a fleet with one certificate is verified once, not a thousand times.
            var cache = new VerdictCache();
            foreach (var connection in _connections.Of(account))
                Rejudge(connection, cache);
            foreach (var request in _sharedRequests.Of(account))
                RejudgeShared(account, request);
        }
    }

    private void Rejudge(AgentConnection connection, VerdictCache cache, bool force = false)
    {
        var snapshot = _index.Current;
        var name = HostName.WithoutServicePrefix(connection.Target.Host);
        if (!snapshot.ByHost.TryGetValue(name, out var endpoint) || endpoint.AccountId != connection.AccountId)
        {
            End(connection, new Refusal(RefusalCode.EndpointDisabled, $"{connection.Target.Host} is no endpoint of account {connection.AccountId} any more.",
                "Ask the account owner for the endpoint's new name.", connection.AccountId, connection.Target.Host, connection.RemoteAddress, connection.Verdict.Certificate));
            return;
        }
        if (!force && endpoint.Generation == connection.Endpoint?.Generation)
            return;

        var verdict = cache.Judge(endpoint, connection, _time.GetUtcNow());
        if (verdict.IsAccepted)
            connection.Renew(endpoint, verdict);
        else
            End(connection, verdict.Refusal! with { Host = connection.Target.Host, RemoteAddress = connection.RemoteAddress });
    }

    private void RejudgeShared(string account, RequestOrigin request)
    {
        var rule = _index.Current.ByAccount.GetValueOrDefault(account)?.Rule;
        var decision = Admission.Decide(rule, null, account);
        if (!decision.IsAccepted && request.Revoke(Refusals.MtlsRequired(rule!, request.Host, request.RemoteAddress), _options.RevocationGrace, _time))
            _metrics.Revoked(decision.Code!.Value);
    }

    private void End(AgentConnection connection, Refusal refusal)
    {
        if (connection.RevokedBecause is not null)
            return;
        _refusals.Report(refusal);
        _metrics.Revoked(refusal.Code);
        Log.Ended(_logger, connection.AccountId!, connection.RemoteAddress, refusal.Code.Name());
        connection.Revoke(refusal, _options.RevocationGrace, _time);
    }

    /// <summary>Verdicts of one pass by certificate chain.</summary>
    private sealed class VerdictCache
    {
        private readonly Dictionary<string, ConnectionVerdict> _verdicts = new(StringComparer.Ordinal);

        public ConnectionVerdict Judge(EndpointSnapshot endpoint, AgentConnection connection, DateTimeOffset now)
        {
            // Only chains of a lone leaf are shared: two clients may send the same leaf with different intermediates.
            if (connection.Chain.Intermediates.Count > 0)
                return Verify();
            var key = connection.Verdict.Certificate?.Sha256 ?? "";
            if (!_verdicts.TryGetValue(key, out var verdict))
                _verdicts[key] = verdict = Verify();
            return verdict;

            ConnectionVerdict Verify() =>
                ConnectionJudge.Judge(endpoint, connection.Target.Host, connection.Chain, now, connection.RemoteAddress);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Information, "Ended a connection of account {Account} from {Address}: {Code}")]
        public static partial void Ended(ILogger logger, string account, string address, string code);
    }
}
