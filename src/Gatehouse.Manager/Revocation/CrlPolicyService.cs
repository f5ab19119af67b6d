using System.Globalization;
using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Revocation;

/// <summary>What the account wants done with CRLs past their nextUpdate.</summary>
internal sealed class CrlPolicyService(ManagerDatabase database, RevocationChange change)
{
    public static CrlPolicyView PolicyOf(EndpointRow endpoint) => new(endpoint.CrlPolicy, endpoint.CrlGrace);

    /// <summary>Null when the account has no endpoint.</summary>
    public Task<CrlPolicyView?> FindAsync(string accountId, CancellationToken cancellationToken) =>
        database.ReadAsync(async (db, ct) =>
            await db.Endpoints.FirstOrDefaultAsync(row => row.AccountId == accountId, ct) is { } endpoint ? PolicyOf(endpoint) : null, cancellationToken);

    public Task<Outcome<CrlPolicyView>> SetAsync(string accountId, SetCrlPolicyRequest request, CancellationToken cancellationToken)
    {
        if (Check(request) is { } fault)
            return Task.FromResult<Outcome<CrlPolicyView>>(fault);
        return change.ApplyAsync<CrlPolicyView>(accountId, (_, endpoint, revoked, _) =>
        {
            var before = PolicyOf(endpoint);
            endpoint.CrlPolicy = request.Policy is null ? endpoint.CrlPolicy : ParsePolicy(request.Policy)!.Value;
            endpoint.CrlGrace = request.GraceSeconds ?? endpoint.CrlGrace;
            var after = PolicyOf(endpoint);
            return Task.FromResult<Outcome<RevocationStep<CrlPolicyView>>>(new RevocationStep<CrlPolicyView>(
                after, after != before, StoredRevocation.Of(endpoint, revoked?.Crls ?? [], revoked?.Denied ?? []), "crl.policy", new()
                {
                    ["policy"] = after.Policy.ToString(),
                    ["graceSeconds"] = after.GraceSeconds.ToString(CultureInfo.InvariantCulture),
                    ["before"] = string.Create(CultureInfo.InvariantCulture, $"{before.Policy} {before.GraceSeconds}"),
                }));
        }, cancellationToken);
    }

    private static Fault? Check(SetCrlPolicyRequest request)
    {
        if (request is { Policy: null, GraceSeconds: null })
            return Invalid("The change is empty; give policy (strict, grace or ignore-stale) or graceSeconds.");
        if (request.Policy is { } policy && ParsePolicy(policy) is null)
            return Invalid($"The policy '{Bounded.Text(policy, 32)}' is none of strict, grace and ignore-stale.");
        var most = (long)Limits.MaxCrlGrace.TotalSeconds;
        return request.GraceSeconds is { } grace && (grace < 1 || grace > most)
            ? Invalid(string.Create(CultureInfo.InvariantCulture, $"A grace time of {grace} s is out of range; it is 1 s to {most} s ({Limits.MaxCrlGrace.TotalDays} days)."))
            : null;
    }

    private static StaleCrlPolicy? ParsePolicy(string text) => text switch
    {
        "strict" => StaleCrlPolicy.Strict,
        "grace" => StaleCrlPolicy.Grace,
        "ignore-stale" => StaleCrlPolicy.IgnoreStale,
        _ => null,
    };

    private static Fault Invalid(string message) => new(StatusCodes.Status400BadRequest, "invalid_crl_policy", message);
}
