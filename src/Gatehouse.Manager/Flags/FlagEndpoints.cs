using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Flags;

/// <summary>Feature flags on the operator API.</summary>
internal sealed class FlagEndpoints(FlagRegistry flags)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Operator.Flags, List);
        routes.MapPut(Routes.Operator.Flag, SetAsync).Reads<SetFlagRequest>().Produces<FlagView>();
    }

    private JsonHttpResult<IReadOnlyList<FlagView>> List(string accountId) =>
        TypedResults.Json([.. KnownFlags.Descriptions.Keys.Select(flag => flags.ViewOf(accountId, flag))], ContractsJson.Default.IReadOnlyListFlagView);

    private async Task<IResult> SetAsync(string accountId, string flag, HttpContext context, CancellationToken cancellationToken)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.SetFlagRequest)).Succeeded(out var request, out var fault) ||
            !(await flags.SetAsync(accountId, flag, request.On, cancellationToken)).Succeeded(out var view, out fault))
            return fault.Problem(context);
        return TypedResults.Json(view, ContractsJson.Default.FlagView);
    }
}
