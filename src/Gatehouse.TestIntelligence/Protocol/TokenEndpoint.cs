using Gatehouse.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary><c>GET /token</c>: a manager that runs elsewhere fetches a runner's token with the global one (log and TI sheet §2).</summary>
internal sealed class TokenEndpoint(TiGate gate, TestIntelligenceOptions options, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/token", (Delegate)Token);

    private IResult Token(HttpContext http)
    {
        var account = TiGate.AccountOf(http);
        if (gate.Judge(http, account) is { } denied)
            return denied;
        gate.CheckGlobalToken(http.Request);
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.CacheControl = "no-store";
        return Results.Text(ServiceTokens.Mint(options.Secret, account, time.GetUtcNow() + ServiceTokens.Lifetime));
    }
}
