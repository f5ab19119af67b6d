using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Endpoints;

/// <summary>A stored endpoint and the warnings that go with the answer.</summary>
internal sealed record EndpointChange(EndpointRow Row, IReadOnlyList<ResponseMessage> Warnings);

/// <summary>Whether a prefix may be taken, and if not, why.</summary>
internal sealed record Availability(bool Free, string? Reason);

/// <summary>
/// Changes endpoints. Each change raises the generation in the transaction of its audit entry, and every gateway of this process
/// judges by it before the answer goes out.
/// </summary>
internal sealed class EndpointService(ManagerDatabase database, TrustRegistry trust, EndpointNames names, TimeProvider time)
{
    public Task<Outcome<EndpointChange>> CreateAsync(string accountId, MtlsEndpointRequest request, CancellationToken cancellationToken) =>
        Full(request).Succeeded(out var wish, out var fault)
            ? ChangeAsync(accountId, mustExist: false, wish, cancellationToken)
            : Task.FromResult<Outcome<EndpointChange>>(fault);

    public Task<Outcome<EndpointChange>> ReplaceAsync(string accountId, MtlsEndpointRequest request, CancellationToken cancellationToken) =>
        Full(request).Succeeded(out var wish, out var fault)
            ? ChangeAsync(accountId, mustExist: true, wish, cancellationToken)
            : Task.FromResult<Outcome<EndpointChange>>(fault);

    public Task<Outcome<EndpointChange>> PatchAsync(string accountId, MtlsEndpointRequest request, CancellationToken cancellationToken) =>
        Partial(request).Succeeded(out var wish, out var fault)
            ? ChangeAsync(accountId, mustExist: true, wish, cancellationToken)
            : Task.FromResult<Outcome<EndpointChange>>(fault);

    public Task<EndpointRow?> FindAsync(string accountId, CancellationToken cancellationToken) =>
        database.ReadAsync((db, ct) => db.Endpoints.FirstOrDefaultAsync(row => row.AccountId == accountId, ct), cancellationToken);

    /// <summary>True when there was one and it is gone.</summary>
    public async Task<bool> DeleteAsync(string accountId, CancellationToken cancellationToken)
    {
        var outcome = await database.WriteAsync<EndpointTrust>(async (db, ct) =>
        {
            if (await db.Endpoints.FindAsync([accountId], ct) is not { } row)
                return NotFound(accountId);
            var generation = await EndpointRows.DeleteAsync(db, row, time.GetUtcNow(), ct);
            await AuditChain.AppendAsync(db, time.GetUtcNow(), "endpoint.delete", accountId, Describe(row, generation), ct);
            return TrustRegistry.Deleted(accountId, generation);
        }, trust.Set, cancellationToken);
        if (outcome.Fault is null)
            await trust.PublishAsync(accountId);
        return outcome.Fault is null;
    }

    /// <summary>Is the FQDN free? One's own counts as taken, as upstream's does (sheet §2.1).</summary>
    public async Task<Outcome<Availability>> CheckAsync(string accountId, string? prefix, CancellationToken cancellationToken)
    {
        if (Off() is { } off)
            return off;
        if (!names.Normalize(prefix).Succeeded(out var label, out var fault))
            return fault;
        if (names.Reserved(label) is { } reserved)
            return new Availability(false, reserved.Message);
        return await database.ReadAsync<Availability>(async (db, ct) =>
        {
            var fqdn = names.FqdnOf(label);
            if (await db.Endpoints.AnyAsync(row => row.Fqdn == fqdn, ct))
                return new Availability(false, $"The domain prefix '{label}' is taken.");
            var rest = await EndpointRows.RestingAsync(db, label, accountId, time.GetUtcNow(), ct);
            return new Availability(rest is null, rest is null ? null : Resting(rest).Message);
        }, cancellationToken);
    }

    public static Fault NotFound(string accountId) =>
        Fault.Of(ProtocolErrorCode.EntityNotFound, $"Account '{Bounded.Text(accountId, 64)}' has no mTLS endpoint.");

    private async Task<Outcome<EndpointChange>> ChangeAsync(string accountId, bool mustExist, Wish wish, CancellationToken cancellationToken)
    {
        var outcome = await database.WriteAsync<EndpointRow>(async (db, ct) =>
        {
            if (!await db.Accounts.AnyAsync(account => account.Id == accountId, ct))
                return Fault.Of(ProtocolErrorCode.EntityNotFound, Accounts.AccountService.NotFound(accountId).Message);
            var now = time.GetUtcNow();
            var row = await db.Endpoints.FindAsync([accountId], ct);
            if (mustExist && row is null)
                return NotFound(accountId);
            if (!mustExist && row is not null)
                return Taken(wish.Prefix!, accountId);
            if (await ConflictAsync(db, accountId, wish, row, now, ct) is { } conflict)
                return conflict;

            var onlyMode = row is not null && wish is { Prefix: null, Bundle: null, Vanity: null };
            if (row is null)
            {
                row = new EndpointRow { AccountId = accountId, Uuid = Ids.Random(), DomainPrefix = "", Fqdn = "", CaCertificates = "", CreatedAt = now };
                db.Endpoints.Add(row);
                if (await db.EndpointTombstones.FindAsync([accountId], ct) is { } tombstone)
                    db.EndpointTombstones.Remove(tombstone);
            }
            else if (wish.Prefix is { } other && other != row.DomainPrefix)
            {
                await EndpointRows.RestPrefixAsync(db, row, now, ct);
            }
            Apply(row, wish, now);
            row.Generation = await EndpointRows.NextGenerationAsync(db, ct);
            await db.SaveChangesAsync(ct);
            await AuditChain.AppendAsync(
                db, now, !mustExist ? "endpoint.create" : onlyMode ? "endpoint.mode" : "endpoint.update", accountId, Describe(row, row.Generation), ct);
            return row;
        }, row => trust.Set(TrustRegistry.TrustOf(row) with { Revocation = trust.RevocationOf(row.AccountId) }), cancellationToken);

        if (!outcome.Succeeded(out var stored, out var fault))
            return fault;
        await trust.PublishAsync(accountId);
        return new EndpointChange(stored, wish.Bundle?.Warnings ?? []);
    }

    private async Task<Fault?> ConflictAsync(ManagerDbContext db, string accountId, Wish wish, EndpointRow? row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (wish.Prefix is { } prefix && prefix != row?.DomainPrefix)
        {
            var fqdn = names.FqdnOf(prefix);
            if (await db.Endpoints.AnyAsync(other => other.AccountId != accountId && (other.Fqdn == fqdn || other.VanityHost == fqdn), cancellationToken))
                return Taken(prefix, accountId);
            if (await EndpointRows.RestingAsync(db, prefix, accountId, now, cancellationToken) is { } rest)
                return Resting(rest);
        }
        return wish.Vanity is { Length: > 0 } vanity &&
            await db.Endpoints.AnyAsync(other => other.AccountId != accountId && (other.Fqdn == vanity || other.VanityHost == vanity), cancellationToken)
            ? Invalid($"The vanity host '{vanity}' is taken.")
            : null;
    }

    private void Apply(EndpointRow row, Wish wish, DateTimeOffset now)
    {
        if (wish.Prefix is { } prefix)
            (row.DomainPrefix, row.Fqdn) = (prefix, names.FqdnOf(prefix));
        if (wish.Bundle is { } bundle)
            row.CaCertificates = bundle.Pem;
        if (wish.Mode is { } mode)
            row.Mode = mode;
        if (wish.Vanity is { } vanity)
            row.VanityHost = vanity.Length == 0 ? null : vanity;
        row.UpdatedAt = now;
    }

    /// <summary>POST and PUT: all three fields; the vanity host is what the request says, none included. Order of checks: sheet §2.3.</summary>
    private Outcome<Wish> Full(MtlsEndpointRequest request)
    {
        if (Off() is { } off)
            return off;
        if (!CaBundles.Accept(request.CaCertificates, time.GetUtcNow()).Succeeded(out var bundle, out var fault) ||
            !PrefixOf(request.DomainPrefix).Succeeded(out var prefix, out fault) ||
            !ModeOf(request.Mode).Succeeded(out var mode, out fault) ||
            !names.NormalizeVanity(request.VanityHost).Succeeded(out var vanity, out fault))
            return fault;
        return new Wish(prefix, bundle, mode, vanity);
    }

    private Outcome<Wish> Partial(MtlsEndpointRequest request)
    {
        if (Off() is { } off)
            return off;
        if (request is { DomainPrefix: null, CaCertificates: null, Mode: null, VanityHost: null })
            return Invalid("The change is empty; give domainPrefix, caCertificates, mode or vanityHost.");
        Fault? fault = null;
        string? prefix = null, vanity = null;
        AcceptedBundle? bundle = null;
        MtlsMode mode = default;
        if ((request.DomainPrefix is not null && !PrefixOf(request.DomainPrefix).Succeeded(out prefix, out fault)) ||
            (request.CaCertificates is not null && !CaBundles.Accept(request.CaCertificates, time.GetUtcNow()).Succeeded(out bundle, out fault)) ||
            (request.Mode is not null && !ModeOf(request.Mode).Succeeded(out mode, out fault)) ||
            (request.VanityHost is not null && !names.NormalizeVanity(request.VanityHost).Succeeded(out vanity, out fault)))
            return fault!;
        return new Wish(prefix, bundle, request.Mode is null ? null : mode, vanity);
    }

    private Outcome<string> PrefixOf(string? text)
    {
        var prefix = names.Normalize(text);
        return prefix.Succeeded(out var label, out _) && names.Reserved(label) is { } reserved ? reserved : prefix;
    }

    private static Outcome<MtlsMode> ModeOf(string? text) => text switch
    {
        nameof(MtlsMode.LOOSE) => MtlsMode.LOOSE,
        nameof(MtlsMode.STRICT) => MtlsMode.STRICT,
        null => Invalid("No mode is given; it is LOOSE or STRICT."),
        // The protocol's own code for a value that its parser does not know (sheet §2.3, 2).
        _ => new Fault(400, ProtocolErrorCode.Default, $"The mode '{Bounded.Text(text, 32)}' is neither LOOSE nor STRICT."),
    };

    private Fault? Off() => names.HasDomain
        ? null
        : Fault.Of(ProtocolErrorCode.FeatureUnavailable, "This server has no agent domain, so endpoints cannot be changed; set agent.domain.");

    private static Fault Invalid(string message) => Fault.Of(ProtocolErrorCode.InvalidRequest, message);

    private static Fault Taken(string prefix, string accountId) =>
        Invalid($"The domain prefix '{prefix}' is taken, or account '{accountId}' has an mTLS endpoint already.");

    private static Fault Resting(PrefixQuarantineRow rest) => Invalid(string.Create(CultureInfo.InvariantCulture,
        $"The domain prefix '{rest.DomainPrefix}' belonged to another account until recently; it is free again on {rest.Until:yyyy-MM-dd}."));

    /// <summary>For the audit: names and fingerprint of the bundle, not the bundle.</summary>
    private static Dictionary<string, string> Describe(EndpointRow row, long generation) => new()
    {
        ["fqdn"] = row.Fqdn,
        ["vanityHost"] = row.VanityHost ?? "",
        ["mode"] = row.Mode.ToString(),
        ["caSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(row.CaCertificates))),
        ["generation"] = generation.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>What shall change; null: as it is.</summary>
    private sealed record Wish(string? Prefix, AcceptedBundle? Bundle, MtlsMode? Mode, string? Vanity);
}
