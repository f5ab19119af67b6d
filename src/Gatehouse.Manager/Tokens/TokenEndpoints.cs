using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Tokens;

/// <summary>Delegate tokens on the operator API.</summary>
internal sealed class TokenEndpoints(TokenService service, TokenRegistry tokens, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Operator.Tokens, CreateAsync).Reads<CreateTokenRequest>().Produces<TokenView>(201);
        routes.MapGet(Routes.Operator.Tokens, List);
        routes.MapPost(Routes.Operator.RevokeToken, RevokeAsync).Produces<TokenView>();
    }

    private async Task<IResult> CreateAsync(string accountId, HttpContext context, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadJsonAsync(context, ContractsJson.Default.CreateTokenRequest);
        if (!body.Succeeded(out var request, out var fault))
            return fault.Problem(context);
        if (!(await service.CreateAsync(accountId, request.Name, request.RevokeAfter, cancellationToken)).Succeeded(out var token, out fault))
            return fault.Problem(context);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(View(token) with { Value = Convert.ToHexStringLower(token.Key!) }, ContractsJson.Default.TokenView, statusCode: 201);
    }

    private JsonHttpResult<IReadOnlyList<TokenView>> List(string accountId) =>
        TypedResults.Json([.. tokens.Of(accountId).Select(View)], ContractsJson.Default.IReadOnlyListTokenView);

    private async Task<IResult> RevokeAsync(string accountId, string name, HttpContext context, CancellationToken cancellationToken) =>
        (await service.RevokeAsync(accountId, name, cancellationToken)).Succeeded(out var token, out var fault)
            ? TypedResults.Json(View(token), ContractsJson.Default.TokenView)
            : fault.Problem(context);

    private TokenView View(TokenEntry token)
    {
        var ended = token.EndedAt(time.GetUtcNow());
        return new TokenView
        {
            AccountId = token.AccountId,
            Name = token.Name,
            Status = ended is null ? "ACTIVE" : "REVOKED",
            CreatedAt = token.CreatedAt,
            RevokedAt = ended,
            RevokeAfter = token.RevokeAfter,
        };
    }
}
