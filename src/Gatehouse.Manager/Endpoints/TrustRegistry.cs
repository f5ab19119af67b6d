using System.Collections.Concurrent;
using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Revocation;
using Gatehouse.Manager.Storage;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Endpoints;

/// <summary>
/// The truth about endpoints in memory: what admission asks, and what gateways are told. Changes come in after their commit,
/// and <see cref="PublishAsync"/> returns when every gateway of this process judges by them. Subscribers come lazily: a gateway
/// needs this source to be made.
/// </summary>
internal sealed partial class TrustRegistry(
    Lazy<IEnumerable<ITrustSubscriber>> subscribers, AccountRegistry accounts, DelegateDirectory delegates, TimeProvider time, ILogger<TrustRegistry> logger) : ITrustSource, IAccountPart
{
    private ConcurrentDictionary<string, EndpointTrust> _endpoints = new(StringComparer.Ordinal);

    /// <summary>The highest generation there is here.</summary>
    private long _newest;

    public int Order => 20;

    /// <summary>The account's endpoint as admission needs it; null when it has none.</summary>
    public EndpointRule? RuleOf(string accountId) =>
        _endpoints.TryGetValue(accountId, out var trust) && trust.Fqdn is { } fqdn ? new EndpointRule(accountId, fqdn, trust.Mode) : null;

    /// <summary>What the account has revoked, as gateways judge by it; null when nothing.</summary>
    public EndpointRevocation? RevocationOf(string accountId) => _endpoints.TryGetValue(accountId, out var trust) ? trust.Revocation : null;

    public Task<IReadOnlyList<EndpointTrust>> ChangesSinceAsync(long generation, CancellationToken cancellationToken)
    {
        // Asked once a second, and nearly always there is nothing new: that must not cost a look at 100,000.
        if (Interlocked.Read(ref _newest) <= generation)
            return Task.FromResult<IReadOnlyList<EndpointTrust>>([]);
        var changes = new List<EndpointTrust>(generation == 0 ? _endpoints.Count : 0);
        foreach (var (_, trust) in _endpoints)
        {
            if (trust.Generation > generation)
                changes.Add(trust);
        }
        return Task.FromResult<IReadOnlyList<EndpointTrust>>(changes);
    }

    /// <summary>Takes a committed change over; an older one than the known changes nothing.</summary>
    public void Set(EndpointTrust change)
    {
        Take(change);
        var account = change.AccountId;
        if (delegates.CountOf(account) > 0)
            JudgeDelegates(account);
    }

    // By itself: a closure is made where its method begins, also for the many accounts without delegates.
    private void JudgeDelegates(string account) => delegates.Judge(account, () => RuleOf(account));

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

    public void Load(StoredRows stored)
    {
        _endpoints = LargeMap.For<EndpointTrust>(accounts.Count);
        var revocations = StoredRevocation.Load(stored);
        foreach (var read in StoredEndpoints.Read(stored, accounts))
        {
            var trust = revocations.TryGetValue(read.AccountId, out var revocation) ? read with { Revocation = revocation } : read;
            if (trust.CaCertificates.IsEmpty)
                Log.Unusable(logger, trust.AccountId, trust.Fqdn!);
            Set(trust);
        }
        foreach (var deleted in StoredEndpoints.Deleted(stored))
            Set(deleted);
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
        new(row.AccountId, row.Generation, row.Fqdn, row.VanityHost, row.Mode, BundleMemory.DerOf(row.CaCertificates));

    public static EndpointTrust Deleted(string accountId, long generation) => new(accountId, generation, null, null, null, default);

    // The order of arrival is not that of commits when a poll and a notification race: only newer ones count.
    private void Take(EndpointTrust change)
    {
        _endpoints.AddOrUpdate(change.AccountId, static (_, change) => change,
            static (_, known, change) => change.Generation > known.Generation ? SharingBundle(change, known) : known, change);
        if (_newest < change.Generation)
            Interlocked.Exchange(ref _newest, change.Generation); // One writer at a time.
    }

    /// <summary>The same bundle is the same memory: a gateway sees by the reference that a change left it alone.</summary>
    private static EndpointTrust SharingBundle(EndpointTrust change, EndpointTrust known) =>
        change.CaCertificates.Span.SequenceEqual(known.CaCertificates.Span) ? change with { CaCertificates = known.CaCertificates } : change;

    /// <summary>Generations of endpoints that end together with their account, between the transaction and its commit (one writer at a time).</summary>
    private readonly ConcurrentDictionary<string, long> _ending = new(StringComparer.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(3041, LogLevel.Error, "The stored CA bundle of account {Account} ({Fqdn}) cannot be read, so nobody with a certificate gets in there; upload it again (gatehouse mtls ca set)", EventName = "TrustUnusable")]
        public static partial void Unusable(ILogger logger, string account, string fqdn);

        [LoggerMessage(3040, LogLevel.Error, "A gateway did not take over the change of account {Account} (generation {Generation}); it goes on with what it knows", EventName = "TrustNotApplied")]
        public static partial void NotApplied(ILogger logger, string account, long generation, Exception e);
    }
}
