using Gatehouse.Contracts;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Revocation;

/// <summary>What an account has revoked, in short.</summary>
internal sealed class RevocationSummary(ManagerDatabase database, TrustRegistry trust, TimeProvider time)
{
    /// <summary>Null when there is neither a CRL nor a deny list.</summary>
    public async Task<RevocationView?> FindAsync(string accountId, CancellationToken cancellationToken)
    {
        if (trust.RevocationOf(accountId) is null)
            return null;
        return await database.ReadAsync(async (db, ct) =>
        {
            if (await db.Endpoints.FirstOrDefaultAsync(row => row.AccountId == accountId, ct) is not { } endpoint)
                return null;
            var policy = CrlPolicyService.PolicyOf(endpoint);
            var crls = await CrlService.FactsAsync(db, accountId, ct);
            return new RevocationView
            {
                Policy = policy,
                Crls = [.. crls.Select(crl => crl.View(policy, time.GetUtcNow()))],
                Denied = await db.Denied.CountAsync(row => row.AccountId == accountId, ct),
            };
        }, cancellationToken);
    }
}
