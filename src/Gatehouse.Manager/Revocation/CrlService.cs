using System.Globalization;
using System.Security.Cryptography;
using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Pki;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Revocation;

/// <summary>An account's CRLs. A list takes the place of the one before it in its series; an older one does not, unless forced.</summary>
internal sealed class CrlService(ManagerDatabase database, RevocationChange change, CrlUpload upload, TimeProvider time)
{
    /// <summary>The account's lists; null when it has no endpoint.</summary>
    public Task<IReadOnlyList<CrlView>?> ListAsync(string accountId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<CrlView>?>(async (db, ct) =>
        {
            if (await db.Endpoints.FirstOrDefaultAsync(row => row.AccountId == accountId, ct) is not { } endpoint)
                return null;
            var crls = await FactsAsync(db, accountId, ct);
            return [.. crls.Select(crl => crl.View(CrlPolicyService.PolicyOf(endpoint), time.GetUtcNow()))];
        }, cancellationToken);

    /// <summary>Stores an uploaded file, PEM or DER.</summary>
    public Task<Outcome<CrlUploadView>> AddAsync(string accountId, byte[] file, bool force, CancellationToken cancellationToken)
    {
        // Megabytes are read before the one writer's turn, not in it.
        if (!CrlUpload.Read(file).Succeeded(out var crl, out var fault))
            return Task.FromResult<Outcome<CrlUploadView>>(fault);
        return change.ApplyAsync<CrlUploadView>(accountId, async (db, endpoint, revoked, ct) =>
        {
            var now = time.GetUtcNow();
            var policy = CrlPolicyService.PolicyOf(endpoint);
            var known = await FactsAsync(db, accountId, ct);
            if (known.FirstOrDefault(list => list.Sha256 == crl.Sha256) is { } same)
                return new RevocationStep<CrlUploadView>(new CrlUploadView(same.View(policy, now), false, null, []), Changed: false);
            if (!upload.Check(crl, endpoint, known, force).Succeeded(out var report, out var refused))
                return refused;
            var replaced = known.FirstOrDefault(list => list.Series == report.Series);
            if (replaced is null && known.Count >= Limits.MaxCrls)
                return new Fault(StatusCodes.Status409Conflict, "crl_limit", $"The account has {Limits.MaxCrls} CRLs, which is the limit; remove one that no longer counts (gatehouse mtls crl list, remove).");

            var row = RowOf(crl, accountId, report.Series, now);
            var stored = CrlFacts.Of(row);
            if (!force && ((replaced is null ? null : CrlUpload.Older(crl, replaced)) ??
                CrlUpload.ShutsOut(CrlAge.Of(stored, policy, now), replaced is null ? null : CrlAge.Of(replaced, policy, now))) is { } no)
                return no;
            if (replaced is not null)
                await db.Crls.Where(list => list.Id == replaced.Id).ExecuteDeleteAsync(ct);
            db.Crls.Add(row);
            await db.SaveChangesAsync(ct);
            return new RevocationStep<CrlUploadView>(
                new CrlUploadView(stored.View(policy, now), true, replaced?.View(policy, now), Warnings(report, CrlAge.Of(stored, policy, now))), Changed: true,
                StoredRevocation.Of(endpoint, [.. Without(revoked, replaced), row.Der], revoked?.Denied ?? []), "crl.upload", Describe(stored, replaced, force));
        }, cancellationToken);
    }

    /// <summary>Takes a list out: whoever is on it, and on no other, gets in again.</summary>
    public Task<Outcome<string>> RemoveAsync(string accountId, string id, CancellationToken cancellationToken) =>
        change.ApplyAsync<string>(accountId, async (db, endpoint, revoked, ct) =>
        {
            if ((await FactsAsync(db, accountId, ct)).FirstOrDefault(list => list.Id == id) is not { } crl)
                return new Fault(StatusCodes.Status404NotFound, "crl_not_found", $"Account '{Bounded.Text(accountId, 64)}' has no CRL '{Bounded.Text(id, 64)}'; list them with 'gatehouse mtls crl list'.");
            await db.Crls.Where(list => list.Id == id).ExecuteDeleteAsync(ct);
            return new RevocationStep<string>(
                id, Changed: true, StoredRevocation.Of(endpoint, [.. Without(revoked, crl)], revoked?.Denied ?? []), "crl.remove", Describe(crl, null, force: false));
        }, cancellationToken);

    internal static async Task<List<CrlFacts>> FactsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken) =>
        await db.Crls.AsNoTracking().Where(row => row.AccountId == accountId).OrderBy(row => row.Id).Select(CrlFacts.Columns).ToListAsync(cancellationToken);

    /// <summary>The lists in memory but one. The others stay the same memory, so that a gateway need not read them again.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Without(EndpointRevocation? revoked, CrlFacts? crl) =>
        (revoked?.Crls ?? []).Where(der => crl is null || der.Length != crl.Size || Convert.ToHexString(SHA256.HashData(der.Span)) != crl.Sha256);

    private static CrlRow RowOf(CertificateRevocationList crl, string accountId, string series, DateTimeOffset now) => new()
    {
        Id = Ids.Ordered(now),
        AccountId = accountId,
        Series = series,
        Issuer = crl.Issuer,
        Der = crl.Der.ToArray(),
        Sha256 = crl.Sha256,
        Size = crl.Der.Length,
        ThisUpdate = crl.ThisUpdate,
        NextUpdate = crl.NextUpdate,
        Number = crl.Number,
        Count = crl.Count,
        UploadedAt = now,
    };

    // Its age we tell ourselves: we know the policy.
    private static List<string> Warnings(RevocationListReport report, CrlAge age) =>
        [.. report.Warnings.Where(warning => warning.Code is not (RevocationListCodes.Stale or RevocationListCodes.StaleSoon)).Select(warning => warning.Message), .. age.Warning is { } old ? [old] : Array.Empty<string>()];

    private static Dictionary<string, string> Describe(CrlFacts crl, CrlFacts? replaced, bool force) => new()
    {
        ["id"] = crl.Id,
        ["issuer"] = crl.Issuer,
        ["number"] = crl.Number ?? "",
        ["thisUpdate"] = crl.ThisUpdate.ToString("O", CultureInfo.InvariantCulture),
        ["nextUpdate"] = crl.NextUpdate?.ToString("O", CultureInfo.InvariantCulture) ?? "",
        ["sha256"] = crl.Sha256,
        ["certificates"] = crl.Count.ToString(CultureInfo.InvariantCulture),
        ["replacedSha256"] = replaced?.Sha256 ?? "",
        ["force"] = force ? "true" : "false",
    };
}
