using System.Collections.Concurrent;
using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Flags;

/// <summary>The feature flags there are. All are off unless set.</summary>
internal static class KnownFlags
{
    public const string CiOverrideServiceUrls = "CI_OVERRIDE_SERVICE_URLS";

    public static readonly IReadOnlyDictionary<string, string> Descriptions = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        [CiOverrideServiceUrls] = "Addresses of log, TI, STO and SCS service handed to tasks are derived from the manager address the delegate came through.",
    };
}

/// <summary>Feature flags per account, in memory and in the table.</summary>
internal sealed class FlagRegistry(ManagerDatabase database, TimeProvider time) : IAccountPart
{
    private readonly ConcurrentDictionary<(string Account, string Flag), bool> _set = new();

    public int Order => 30;

    public bool IsOn(string accountId, string flag) => _set.TryGetValue((accountId, flag), out var on) && on;

    public FlagView ViewOf(string accountId, string flag) => new(flag, IsOn(accountId, flag), KnownFlags.Descriptions[flag]);

    public Task<Outcome<FlagView>> SetAsync(string accountId, string flag, bool on, CancellationToken cancellationToken)
    {
        if (!KnownFlags.Descriptions.ContainsKey(flag))
            return Task.FromResult<Outcome<FlagView>>(new Fault(StatusCodes.Status404NotFound, "flag_not_found",
                $"There is no feature flag '{Bounded.Text(flag, 80)}'; there is {string.Join(", ", KnownFlags.Descriptions.Keys)}."));
        return database.WriteAsync<FlagView>(async (db, ct) =>
        {
            if (await db.Flags.FindAsync([accountId, flag], ct) is { } row)
                row.On = on;
            else
                db.Flags.Add(new FlagRow { AccountId = accountId, Name = flag, On = on });
            await AuditChain.AppendAsync(db, time.GetUtcNow(), "flag.set", accountId, new() { ["flag"] = flag, ["on"] = on ? "true" : "false" }, ct);
            return new FlagView(flag, on, KnownFlags.Descriptions[flag]);
        }, _ => _set[(accountId, flag)] = on, cancellationToken);
    }

    public void Load(StoredRows stored)
    {
        foreach (var row in stored.Read("""SELECT "AccountId", "Name", "On" FROM "flags" """, row => new FlagRow { AccountId = row.Text(0), Name = row.Text(1), On = row.Flag(2) }))
            _set[(row.AccountId, row.Name)] = row.On;
    }

    public Task RemoveRowsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken) =>
        db.Flags.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);

    public void Forget(string accountId)
    {
        foreach (var key in _set.Keys.Where(key => key.Account == accountId))
            _set.TryRemove(key, out _);
    }
}
