using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Operators;

/// <summary>Routes below an account answer 404, naming it, when there is no such account.</summary>
internal sealed class AccountFilter(AccountRegistry accounts) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return http.Request.RouteValues["accountId"] is string id && !accounts.Exists(id)
            ? ValueTask.FromResult<object?>(AccountService.NotFound(id).Problem(http))
            : next(context);
    }
}
