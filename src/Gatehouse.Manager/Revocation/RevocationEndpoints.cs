using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Revocation;

/// <summary>CRLs, their policy and the deny list on the operator API.</summary>
internal sealed class RevocationEndpoints(CrlService crls, CrlPolicyService policies, DenyService denials)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Operator.Crls, ListCrlsAsync).Produces<IReadOnlyList<CrlView>>();
        routes.MapPost(Routes.Operator.Crls, AddCrlAsync).Accepts<byte[]>(isOptional: true, "application/octet-stream", "*/*").Produces<CrlUploadView>();
        routes.MapDelete(Routes.Operator.Crl, RemoveCrlAsync).Produces(204);
        routes.MapGet(Routes.Operator.CrlPolicy, ShowPolicyAsync).Produces<CrlPolicyView>();
        routes.MapPut(Routes.Operator.CrlPolicy, SetPolicyAsync).Reads<SetCrlPolicyRequest>().Produces<CrlPolicyView>();
        routes.MapGet(Routes.Operator.Denied, ListDeniedAsync).Produces<IReadOnlyList<DeniedView>>();
        routes.MapPost(Routes.Operator.Denied, DenyAsync).Reads<DenyRequest>().Produces<DeniedView>(201);
        routes.MapDelete(Routes.Operator.DeniedEntry, RemoveDeniedAsync).Produces(204);
    }

    private async Task<IResult> ListCrlsAsync(string accountId, HttpContext context, CancellationToken cancellationToken) =>
        await crls.ListAsync(accountId, cancellationToken) is { } list
            ? TypedResults.Json(list, ContractsJson.Default.IReadOnlyListCrlView)
            : RevocationChange.NoEndpoint(accountId).Problem(context);

    private async Task<IResult> AddCrlAsync(string accountId, HttpContext context, CancellationToken cancellationToken)
    {
        if (!ForceOf(context).Succeeded(out var force, out var fault) ||
            !(await RequestBody.ReadBytesAsync(context, Limits.MaxCrlUploadBytes)).Succeeded(out var file, out fault) ||
            !(await crls.AddAsync(accountId, file, force, cancellationToken)).Succeeded(out var stored, out fault))
            return fault.Problem(context);
        return TypedResults.Json(stored, ContractsJson.Default.CrlUploadView);
    }

    private async Task<IResult> RemoveCrlAsync(string accountId, string crlId, HttpContext context, CancellationToken cancellationToken) =>
        (await crls.RemoveAsync(accountId, crlId, cancellationToken)).Succeeded(out _, out var fault) ? TypedResults.NoContent() : fault.Problem(context);

    private async Task<IResult> ShowPolicyAsync(string accountId, HttpContext context, CancellationToken cancellationToken) =>
        await policies.FindAsync(accountId, cancellationToken) is { } policy
            ? TypedResults.Json(policy, ContractsJson.Default.CrlPolicyView)
            : RevocationChange.NoEndpoint(accountId).Problem(context);

    private async Task<IResult> SetPolicyAsync(string accountId, HttpContext context, CancellationToken cancellationToken) =>
        (await RequestBody.ReadJsonAsync(context, ContractsJson.Default.SetCrlPolicyRequest)).Succeeded(out var request, out var fault) &&
        (await policies.SetAsync(accountId, request, cancellationToken)).Succeeded(out var policy, out fault)
            ? TypedResults.Json(policy, ContractsJson.Default.CrlPolicyView)
            : fault.Problem(context);

    private async Task<IResult> ListDeniedAsync(string accountId, HttpContext context, CancellationToken cancellationToken) =>
        await denials.ListAsync(accountId, cancellationToken) is { } list
            ? TypedResults.Json(list, ContractsJson.Default.IReadOnlyListDeniedView)
            : RevocationChange.NoEndpoint(accountId).Problem(context);

    private async Task<IResult> DenyAsync(string accountId, HttpContext context, CancellationToken cancellationToken)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.DenyRequest)).Succeeded(out var request, out var fault) ||
            !(await denials.AddAsync(accountId, request, cancellationToken)).Succeeded(out var denial, out fault))
            return fault.Problem(context);
        return TypedResults.Json(DenyService.ViewOf(denial.Entry), ContractsJson.Default.DeniedView, statusCode: denial.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private async Task<IResult> RemoveDeniedAsync(string accountId, string entryId, HttpContext context, CancellationToken cancellationToken) =>
        (await denials.RemoveAsync(accountId, entryId, cancellationToken)).Succeeded(out _, out var fault) ? TypedResults.NoContent() : fault.Problem(context);

    // Insisting is said in full: a typing error is not taken for yes, nor for no.
    private static Outcome<bool> ForceOf(HttpContext context) => context.Request.Query["force"].ToString() switch
    {
        "" or "false" => false,
        "true" => true,
        var other => new Fault(StatusCodes.Status400BadRequest, "invalid_request", $"The query has force={Bounded.Text(other, 32)}; it is true or false."),
    };
}
