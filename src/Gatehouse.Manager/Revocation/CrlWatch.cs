using System.Diagnostics.Metrics;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Revocation;

/// <summary>Raises the alarm before a CRL's nextUpdate, and again when it is past: once each in the log, and all the time in a gauge.</summary>
internal sealed partial class CrlWatch(ManagerDatabase database, TimeProvider time, ILogger<CrlWatch> logger)
{
    private volatile Dictionary<string, CrlState> _told = [];

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lists = await database.ReadAsync(async (db, ct) =>
        {
            // Only those near their end: an alarm comes a week before it at the earliest.
            var horizon = now + TimeSpan.FromDays(7);
            var near = await db.Crls.Where(row => row.NextUpdate != null && row.NextUpdate <= horizon).Select(CrlFacts.Columns).ToListAsync(ct);
            var accounts = near.Select(crl => crl.AccountId).Distinct().ToList();
            var policies = await db.Endpoints.Where(row => accounts.Contains(row.AccountId)).ToDictionaryAsync(row => row.AccountId, CrlPolicyService.PolicyOf, ct);
            // An endpoint that went between the two queries took its lists along.
            return near.Where(crl => policies.ContainsKey(crl.AccountId)).Select(crl => (Crl: crl, Age: CrlAge.Of(crl, policies[crl.AccountId], now))).ToList();
        }, cancellationToken);

        var told = new Dictionary<string, CrlState>();
        foreach (var (crl, age) in lists.Where(list => list.Age.State != CrlState.CURRENT))
        {
            told[crl.Id] = age.State;
            if (_told.GetValueOrDefault(crl.Id) == age.State)
                continue;
            if (age.State == CrlState.REFUSING)
                Log.Refusing(logger, crl.AccountId, age.Warning!);
            else
                Log.Due(logger, crl.AccountId, age.Warning!);
        }
        _told = told;
    }

    /// <summary>For the gauge: how many lists are in each state that needs somebody.</summary>
    public IEnumerable<Measurement<int>> Measure()
    {
        var told = _told;
        return ((CrlState[])[CrlState.DUE, CrlState.STALE, CrlState.REFUSING]).Select(state => new Measurement<int>(
            told.Count(crl => crl.Value == state), new KeyValuePair<string, object?>("gatehouse.crl.state", state.ToString().ToLowerInvariant())));
    }

    private static partial class Log
    {
        [LoggerMessage(3080, LogLevel.Warning, "Account {Account}: {Warning}", EventName = "CrlDue")]
        public static partial void Due(ILogger logger, string account, string warning);

        [LoggerMessage(3081, LogLevel.Error, "Account {Account}: {Warning}", EventName = "CrlRefusing")]
        public static partial void Refusing(ILogger logger, string account, string warning);
    }
}
