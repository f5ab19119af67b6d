using Gatehouse.Contracts;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Operators;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Accounts;

/// <summary>Accounts on the operator API.</summary>
internal sealed class AccountEndpoints(AccountService service, AccountRegistry accounts, TrustRegistry trust, DelegateDirectory delegates)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Operator.Accounts, CreateAsync).Reads<CreateAccountRequest>().Produces<AccountView>(201);
        routes.MapGet(Routes.Operator.Accounts, List);
        routes.MapGet(Routes.Operator.Account, Show).Produces<AccountView>();
        routes.MapDelete(Routes.Operator.Account, DeleteAsync).Produces(204);
    }

    private async Task<IResult> CreateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadJsonAsync(context, ContractsJson.Default.CreateAccountRequest);
        if (!body.Succeeded(out var request, out var fault))
            return fault.Problem(context);
        if (!(await service.CreateAsync(request.Id, request.Name, cancellationToken)).Succeeded(out var account, out fault))
            return fault.Problem(context);
        return TypedResults.Json(View(account), ContractsJson.Default.AccountView, statusCode: StatusCodes.Status201Created);
    }

    private JsonHttpResult<Page<AccountView>> List(HttpContext context)
    {
        var limit = Paging.Limit(context.Request.Query, 100, 1000);
        var page = accounts.Page(context.Request.Query["after"].ToString(), limit);
        return TypedResults.Json(
            new Page<AccountView>([.. page.Select(View)], page.Count == limit ? page[^1].Id : null), ContractsJson.Default.PageAccountView);
    }

    private IResult Show(string accountId, HttpContext context) => accounts.TryGet(accountId, out var account)
        ? TypedResults.Json(View(account), ContractsJson.Default.AccountView)
        : AccountService.NotFound(accountId).Problem(context);

    private async Task<IResult> DeleteAsync(string accountId, HttpContext context, CancellationToken cancellationToken) =>
        await service.DeleteAsync(accountId, cancellationToken) is { } fault ? fault.Problem(context) : TypedResults.NoContent();

    private AccountView View(AccountEntry account)
    {
        var rule = trust.RuleOf(account.Id);
        return new AccountView
        {
            Id = account.Id,
            Name = account.Name,
            CreatedAt = account.CreatedAt,
            MtlsFqdn = rule?.Fqdn,
            MtlsMode = rule?.Mode,
            ConnectedDelegates = delegates.Of(account.Id).Count(delegates.IsConnected),
        };
    }
}
