using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Revocation;

/// <summary>What the tables hold of revocation, as gateways are told it.</summary>
internal static class StoredRevocation
{
    /// <summary>By account, of all that have any. Nothing is parsed: a gateway that cannot read a list shuts the endpoint, and says so.</summary>
    public static async Task<Dictionary<string, EndpointRevocation>> LoadAsync(ManagerDbContext db, CancellationToken cancellationToken)
    {
        var crls = (await db.Crls.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.AccountId, row.Der }).ToListAsync(cancellationToken))
            .ToLookup(row => row.AccountId, row => new ReadOnlyMemory<byte>(row.Der), StringComparer.Ordinal);
        var denied = (await db.Denied.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken))
            .ToLookup(row => row.AccountId, EntryOf, StringComparer.Ordinal);
        if (crls.Count + denied.Count == 0)
            return new Dictionary<string, EndpointRevocation>(StringComparer.Ordinal);
        var policies = await db.Endpoints.AsNoTracking()
            .Where(row => db.Crls.Any(crl => crl.AccountId == row.AccountId) || db.Denied.Any(entry => entry.AccountId == row.AccountId))
            .Select(row => new { row.AccountId, row.CrlPolicy, row.CrlGrace }).ToListAsync(cancellationToken);
        return policies.ToDictionary(
            row => row.AccountId,
            row => new EndpointRevocation([.. crls[row.AccountId]], row.CrlPolicy, TimeSpan.FromSeconds(row.CrlGrace), [.. denied[row.AccountId]]),
            StringComparer.Ordinal);
    }

    /// <summary>Null when nothing is revoked: then the policy has nothing to say either.</summary>
    public static EndpointRevocation? Of(EndpointRow endpoint, IReadOnlyList<ReadOnlyMemory<byte>> crls, IReadOnlyList<DeniedCertificate> denied) =>
        crls.Count + denied.Count == 0 ? null : new EndpointRevocation(crls, endpoint.CrlPolicy, TimeSpan.FromSeconds(endpoint.CrlGrace), denied);

    public static DeniedCertificate EntryOf(DeniedRow row) => new(row.Kind, row.Value, row.IssuerName.Length == 0 ? null : row.IssuerName);
}
