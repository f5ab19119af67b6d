using Gatehouse.Contracts;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Revocation;
using Gatehouse.Manager.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Readiness;

/// <summary>Would STRICT block anyone? Answered from who was seen in the window, whatever host they came through.</summary>
internal sealed class ReadinessEndpoints(TrustRegistry trust, DelegateDirectory delegates, DelegateViews views, RevocationSummary revocation, TaskServiceAddresses services, TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromDays(7);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Routes.Operator.Readiness, ShowAsync).Produces<ReadinessView>();

    private async Task<JsonHttpResult<ReadinessView>> ShowAsync(string accountId, CancellationToken cancellationToken)
    {
        var rule = trust.RuleOf(accountId);
        var since = time.GetUtcNow() - s_window;
        var seen = delegates.Of(accountId).Where(state => state.LastHeartbeat >= since).ToList();
        var blocked = seen.Where(state => !PassesStrict(rule, state)).OrderBy(state => state.Facts.Name, StringComparer.Ordinal).ToList();
        var crls = (await revocation.FindAsync(accountId, cancellationToken))?.Crls ?? [];
        var refusing = crls.Any(crl => crl.State == nameof(CrlState.REFUSING));
        var view = new ReadinessView
        {
            AccountId = accountId,
            Fqdn = rule?.Fqdn,
            Mode = rule?.Mode,
            Ready = rule is not null && blocked.Count == 0 && !refusing,
            Summary = refusing ? "Not ready: a CRL is out of date, and delegates with a certificate are refused because of it." : Summarize(rule, seen.Count, blocked.Count),
            Since = since,
            DelegatesWithMtls = seen.Count - blocked.Count,
            WouldBeBlocked = [.. blocked.Select(views.Of)],
            Warnings = [.. crls.Select(crl => crl.Warning).Append(rule is null ? null : services.WhatStrictTakes(rule)).OfType<string>()],
        };
        return TypedResults.Json(view, ContractsJson.Default.ReadinessView);
    }

    /// <summary>The one predicate of admission, asked as if the mode were STRICT: a certificate shown at a former name does not help.</summary>
    private static bool PassesStrict(EndpointRule? rule, DelegateState state) => rule is not null &&
        Admission.Decide(rule with { Mode = MtlsMode.STRICT }, state.Origin.Authority, rule.AccountId).IsAccepted;

    private static string Summarize(EndpointRule? rule, int seen, int blocked) => (rule, seen, blocked) switch
    {
        (null, _, _) => "The account has no mTLS endpoint; enable one first.",
        (_, 0, _) => "No delegate was seen in the last 7 days, so STRICT would block none that is known.",
        (_, _, 0) => $"Ready: all {seen} delegates seen in the last 7 days came with a client certificate.",
        (_, 1, 1) => "Not ready: the one delegate seen in the last 7 days came without a client certificate.",
        _ => $"Not ready: STRICT would block {blocked} of the {seen} delegates seen in the last 7 days.",
    };
}
