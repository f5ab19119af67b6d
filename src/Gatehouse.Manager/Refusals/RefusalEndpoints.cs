using Gatehouse.Contracts;
using Gatehouse.Manager.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Refusals;

/// <summary>Who was turned away, and why.</summary>
internal static class RefusalEndpoints
{
    public static void MapRefusals(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Operator.Refusals, (HttpContext context, IRefusalLog log) => List(context, log, null));
        routes.MapGet(Routes.Operator.AccountRefusals, (string accountId, HttpContext context, IRefusalLog log) => List(context, log, accountId));
    }

    private static JsonHttpResult<IReadOnlyList<RefusalView>> List(HttpContext context, IRefusalLog log, string? accountId)
    {
        var query = context.Request.Query;
        return TypedResults.Json(log.List(accountId, Paging.After(query), Paging.Limit(query, 100, 1000)), ContractsJson.Default.IReadOnlyListRefusalView);
    }
}
