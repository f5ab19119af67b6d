using System.Globalization;
using Gatehouse.Contracts;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Revocation;

/// <summary>What a change did: the answer, and unless nothing changed, what is revoked now and what the audit is told.</summary>
/// <param name="Answer">For the caller.</param>
/// <param name="Changed">False: the generation stays, nobody is told.</param>
/// <param name="Now">What is revoked from now on.</param>
/// <param name="Action">The audit's name of the change.</param>
/// <param name="Detail">The audit's facts.</param>
internal sealed record RevocationStep<T>(T Answer, bool Changed, EndpointRevocation? Now = null, string Action = "", Dictionary<string, string>? Detail = null);

/// <summary>The one way in which what is revoked changes: rows, generation and audit entry in one transaction; then memory; then every gateway of this process, before the answer.</summary>
internal sealed class RevocationChange(ManagerDatabase database, TrustRegistry trust, TimeProvider time)
{
    /// <param name="accountId">Whose.</param>
    /// <param name="work">Changes rows. It gets the endpoint's row and what was revoked until now.</param>
    /// <param name="cancellationToken">Honoured until the commit begins.</param>
    public async Task<Outcome<T>> ApplyAsync<T>(
        string accountId, Func<ManagerDbContext, EndpointRow, EndpointRevocation?, CancellationToken, Task<Outcome<RevocationStep<T>>>> work, CancellationToken cancellationToken)
        where T : notnull
    {
        EndpointTrust? published = null;
        var outcome = await database.WriteAsync<RevocationStep<T>>(async (db, ct) =>
        {
            if (await db.Endpoints.FindAsync([accountId], ct) is not { } row)
                return NoEndpoint(accountId);
            // One writer at a time: what is in memory is what the last commit left.
            if (!(await work(db, row, trust.RevocationOf(accountId), ct)).Succeeded(out var step, out var fault))
                return fault;
            if (!step.Changed)
                return step;
            row.Generation = await EndpointRows.NextGenerationAsync(db, ct);
            await db.SaveChangesAsync(ct);
            step.Detail!["generation"] = row.Generation.ToString(CultureInfo.InvariantCulture);
            await AuditChain.AppendAsync(db, time.GetUtcNow(), step.Action, accountId, step.Detail, ct);
            published = TrustRegistry.TrustOf(row) with { Revocation = step.Now };
            return step;
        }, _ =>
        {
            if (published is not null)
                trust.Set(published);
        }, cancellationToken);
        if (!outcome.Succeeded(out var done, out var refused))
            return refused;
        if (published is not null)
            await trust.PublishAsync(accountId);
        return done.Answer;
    }

    public static Fault NoEndpoint(string accountId) => new(StatusCodes.Status404NotFound, "endpoint_not_found",
        $"Account '{Bounded.Text(accountId, 64)}' has no mTLS endpoint, so there is nothing to revoke for; make one with 'gatehouse mtls enable'.");
}
