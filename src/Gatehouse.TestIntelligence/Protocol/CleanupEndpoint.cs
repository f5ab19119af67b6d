using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary><c>POST /internal/account/cleanup</c>: a manager lets go of all that is kept of an account, with the global token; also of one that is no more.</summary>
internal sealed class CleanupEndpoint(TiGate gate, IAgentAdmission admission, AccountCleanup cleanup)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/internal/account/cleanup", (Delegate)CleanAsync);

    private async Task<IResult> CleanAsync(HttpContext http)
    {
        var account = TiGate.AccountOf(http);
        if (admission.Judge(http.Features.Get<IAgentOrigin>(), account) is { } denial && denial.Code != ProtocolErrorCode.AccountDoesNotExist)
            return TiAnswer.Denied(denial);
        gate.CheckGlobalToken(http.Request);
        await cleanup.DeleteAsync(account, http.RequestAborted);
        return TypedResults.NoContent();
    }
}
