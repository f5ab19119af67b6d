using Gatehouse.Contracts;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Pki;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Revocation;

/// <summary>The answer to a wish to deny.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="IsNew">False when it was there already.</param>
internal sealed record Denial(DeniedRow Entry, bool IsNew);

/// <summary>An account's deny list: for what cannot wait for the next CRL.</summary>
internal sealed class DenyService(ManagerDatabase database, RevocationChange change, TimeProvider time)
{
    /// <summary>Characters of a value or issuer as sent; the hex of a long name in DER fits.</summary>
    private const int MaxText = 8192;

    /// <summary>Oldest first; null when the account has no endpoint.</summary>
    public Task<IReadOnlyList<DeniedView>?> ListAsync(string accountId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DeniedView>?>(async (db, ct) =>
        {
            if (!await db.Endpoints.AnyAsync(row => row.AccountId == accountId, ct))
                return null;
            var rows = await db.Denied.Where(row => row.AccountId == accountId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(ct);
            return rows.ConvertAll(ViewOf);
        }, cancellationToken);

    public Task<Outcome<Denial>> AddAsync(string accountId, DenyRequest request, CancellationToken cancellationToken)
    {
        if (!Read(request).Succeeded(out var entry, out var fault))
            return Task.FromResult<Outcome<Denial>>(fault);
        return change.ApplyAsync<Denial>(accountId, async (db, endpoint, revoked, ct) =>
        {
            var row = RowOf(entry, accountId, request.Note);
            if (await db.Denied.AsNoTracking().FirstOrDefaultAsync(
                other => other.AccountId == accountId && other.Kind == row.Kind && other.Value == row.Value && other.IssuerName == row.IssuerName, ct) is { } same)
                return new RevocationStep<Denial>(new Denial(same, IsNew: false), Changed: false);
            if (await db.Denied.CountAsync(other => other.AccountId == accountId, ct) >= Limits.MaxDenied)
                return new Fault(StatusCodes.Status409Conflict, "deny_limit", $"The account's deny list has {Limits.MaxDenied} entries, which is the limit; move them to a CRL, and remove those of certificates that have expired.");
            db.Denied.Add(row);
            return new RevocationStep<Denial>(
                new Denial(row, IsNew: true), Changed: true,
                StoredRevocation.Of(endpoint, revoked?.Crls ?? [], [.. revoked?.Denied ?? [], StoredRevocation.EntryOf(row)]), "deny.add", Describe(row));
        }, cancellationToken);
    }

    public Task<Outcome<string>> RemoveAsync(string accountId, string id, CancellationToken cancellationToken) =>
        change.ApplyAsync<string>(accountId, async (db, endpoint, revoked, ct) =>
        {
            if (await db.Denied.FirstOrDefaultAsync(row => row.AccountId == accountId && row.Id == id, ct) is not { } row)
                return new Fault(StatusCodes.Status404NotFound, "deny_not_found", $"Account '{Bounded.Text(accountId, 64)}' has no deny-list entry '{Bounded.Text(id, 64)}'; list them with 'gatehouse mtls deny list'.");
            db.Denied.Remove(row);
            var gone = StoredRevocation.EntryOf(row);
            return new RevocationStep<string>(
                id, Changed: true, StoredRevocation.Of(endpoint, revoked?.Crls ?? [], [.. (revoked?.Denied ?? []).Where(entry => entry != gone)]), "deny.remove", Describe(row));
        }, cancellationToken);

    public static DeniedView ViewOf(DeniedRow row) => new()
    {
        Id = row.Id,
        Kind = row.Kind,
        Value = row.Value,
        Issuer = row.Issuer,
        Note = row.Note,
        CreatedAt = row.CreatedAt,
        CreatedBy = row.CreatedBy,
    };

    private static Outcome<DenyEntry> Read(DenyRequest request)
    {
        DenyKind? kind = request.Kind switch
        {
            "serial" => DenyKind.SerialAndIssuer,
            "sha256" => DenyKind.CertificateSha256,
            "key" => DenyKind.PublicKeySha256,
            _ => null,
        };
        if (kind is null)
            return Invalid($"The kind '{Bounded.Text(request.Kind ?? "", 32)}' is none of serial, sha256 and key.");
        if (request.Value?.Length > MaxText || request.Issuer?.Length > MaxText)
            return Invalid($"The value or the issuer is longer than {MaxText} characters.");
        if (request.Note is { } note && (note.Length > Limits.MaxDenyNote || note.Any(char.IsControl)))
            return Invalid($"The note is longer than {Limits.MaxDenyNote} characters or has control characters.");
        try
        {
            return DenyEntry.Parse(kind.Value, request.Value, request.Issuer);
        }
        catch (DenyEntryException e)
        {
            return Invalid(e.Message);
        }
    }

    private DeniedRow RowOf(DenyEntry entry, string accountId, string? note)
    {
        var now = time.GetUtcNow();
        return new DeniedRow
        {
            Id = Ids.Ordered(now),
            AccountId = accountId,
            Kind = entry.Kind switch { DenyKind.SerialAndIssuer => DenyBy.Serial, DenyKind.PublicKeySha256 => DenyBy.Key, _ => DenyBy.Sha256 },
            Value = entry.Value,
            IssuerName = entry.IssuerName ?? "",
            Issuer = entry.Issuer,
            Note = string.IsNullOrWhiteSpace(note) ? null : note.Trim(),
            CreatedAt = now,
            CreatedBy = AuditChain.Operator,
        };
    }

    private static Dictionary<string, string> Describe(DeniedRow row) => new()
    {
        ["id"] = row.Id,
        ["kind"] = row.Kind.ToString(),
        ["value"] = row.Value,
        ["issuer"] = row.Issuer ?? "",
        ["note"] = row.Note ?? "",
    };

    private static Fault Invalid(string message) => new(StatusCodes.Status400BadRequest, "invalid_deny_entry", message);
}
