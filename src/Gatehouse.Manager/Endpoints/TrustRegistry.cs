using System.Collections.Concurrent;
using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Endpoints;

/// <summary>
/// The truth about endpoints in memory: what admission asks, and what gateways are told. Changes come in after their commit,
/// and <see cref="PublishAsync"/> returns when every gateway of this process judges by them. Subscribers come lazily: a gateway
/// needs this source to be made.
/// </summary>
internal sealed partial class TrustRegistry(
    Lazy<IEnumerable<ITrustSubscriber>> subscribers, DelegateDirectory delegates, TimeProvider time, ILogger<TrustRegistry> logger) : ITrustSource, IAccountPart
{
    private readonly ConcurrentDictionary<string, EndpointTrust> _endpoints = new(StringComparer.Ordinal);

    public int Order => 20;

    /// <summary>The account's endpoint as admission needs it; null when it has none.</summary>
    public EndpointRule? RuleOf(string accountId) =>
        _endpoints.TryGetValue(accountId, out var trust) && trust.Fqdn is { } fqdn ? new EndpointRule(accountId, fqdn, trust.Mode) : null;

    public Task<IReadOnlyList<EndpointTrust>> ChangesSinceAsync(long generation, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<EndpointTrust>>(
            [.. _endpoints.Values.Where(trust => trust.Generation > generation).OrderBy(trust => trust.Generation)]);

    /// <summary>Takes a committed change over; an older one than the known changes nothing.</summary>
    public void Set(EndpointTrust change)
    {
        _endpoints.AddOrUpdate(change.AccountId, change, (_, known) => change.Generation > known.Generation ? change : known);
        delegates.Judge(change.AccountId, () => RuleOf(change.AccountId));
    }

    /// <summary>Tells every gateway the account's newest state. Called after the commit, so nothing cancels it; a gateway that fails does not hold the others up.</summary>
    public async Task PublishAsync(string accountId)
    {
        if (!_endpoints.TryGetValue(accountId, out var change))
            return;
        foreach (var subscriber in subscribers.Value)
        {
            try
            {
                await subscriber.ApplyAsync(change, CancellationToken.None);
            }
            catch (Exception e)
            {
                Log.NotApplied(logger, accountId, change.Generation, e);
            }
        }
    }

    public async Task LoadAsync(ManagerDbContext db, CancellationToken cancellationToken)
    {
        foreach (var row in await db.Endpoints.AsNoTracking().ToListAsync(cancellationToken))
            Set(TrustOf(row));
        foreach (var row in await db.EndpointTombstones.AsNoTracking().ToListAsync(cancellationToken))
            Set(Deleted(row.AccountId, row.Generation));
    }

    public async Task RemoveRowsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken)
    {
        if (await db.Endpoints.FindAsync([accountId], cancellationToken) is { } row)
            _ending[accountId] = await EndpointRows.DeleteAsync(db, row, time.GetUtcNow(), cancellationToken);
    }

    public void Forget(string accountId)
    {
        if (_ending.TryRemove(accountId, out var generation))
            Set(Deleted(accountId, generation));
    }

    public static EndpointTrust TrustOf(EndpointRow row) =>
        new(row.AccountId, row.Generation, row.Fqdn, row.VanityHost, row.Mode, row.CaCertificates);

    public static EndpointTrust Deleted(string accountId, long generation) => new(accountId, generation, null, null, null, "");

    /// <summary>Generations of endpoints that end together with their account, between the transaction and its commit (one writer at a time).</summary>
    private readonly ConcurrentDictionary<string, long> _ending = new(StringComparer.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(3040, LogLevel.Error, "A gateway did not take over the change of account {Account} (generation {Generation}); it goes on with what it knows", EventName = "TrustNotApplied")]
        public static partial void NotApplied(ILogger logger, string account, long generation, Exception e);
    }
}
