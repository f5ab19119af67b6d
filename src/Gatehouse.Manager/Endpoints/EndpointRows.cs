using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Endpoints;

/// <summary>What each change of an endpoint does to the tables, inside the caller's transaction.</summary>
internal static class EndpointRows
{
    /// <summary>The next generation over all endpoints; it commits, or rolls back, with the change it counts.</summary>
    public static async Task<long> NextGenerationAsync(ManagerDbContext db, CancellationToken cancellationToken)
    {
        var counter = await db.Counters.FindAsync([CounterRow.TrustGeneration], cancellationToken);
        if (counter is null)
            db.Counters.Add(counter = new CounterRow { Name = CounterRow.TrustGeneration });
        return ++counter.Value;
    }

    /// <summary>Takes the endpoint out; its prefix rests, and a tombstone tells gateways. Returns the generation.</summary>
    public static async Task<long> DeleteAsync(ManagerDbContext db, EndpointRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var generation = await NextGenerationAsync(db, cancellationToken);
        await db.Crls.Where(crl => crl.AccountId == row.AccountId).ExecuteDeleteAsync(cancellationToken);
        await db.Denied.Where(denied => denied.AccountId == row.AccountId).ExecuteDeleteAsync(cancellationToken);
        db.Endpoints.Remove(row);
        if (await db.EndpointTombstones.FindAsync([row.AccountId], cancellationToken) is { } tombstone)
            (tombstone.Generation, tombstone.DeletedAt) = (generation, now);
        else
            db.EndpointTombstones.Add(new EndpointTombstoneRow { AccountId = row.AccountId, Generation = generation, DeletedAt = now });
        await RestPrefixAsync(db, row, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return generation;
    }

    /// <summary>The prefix is not given to another account for a while: delegates still dial it, with their tokens.</summary>
    public static async Task RestPrefixAsync(ManagerDbContext db, EndpointRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = now.AddDays(Limits.PrefixQuarantineDays);
        if (await db.PrefixQuarantines.FindAsync([row.DomainPrefix], cancellationToken) is { } rest)
            (rest.AccountId, rest.Until) = (row.AccountId, until);
        else
            db.PrefixQuarantines.Add(new PrefixQuarantineRow { DomainPrefix = row.DomainPrefix, AccountId = row.AccountId, Until = until });
    }

    /// <summary>Who had the prefix and until when it rests; null when the account may take it.</summary>
    public static Task<PrefixQuarantineRow?> RestingAsync(
        ManagerDbContext db, string prefix, string accountId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.PrefixQuarantines.AsNoTracking().FirstOrDefaultAsync(
            row => row.DomainPrefix == prefix && row.AccountId != accountId && row.Until > now, cancellationToken);
}
