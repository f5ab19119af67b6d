using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Operators;

/// <summary>Every operator route demands the key, in the form of error that belongs to the route.</summary>
internal sealed class OperatorGate(OperatorKey key, bool wrapper) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (key.Matches(http.Request.Headers[HeaderNames.ApiKey]))
            return next(context);

        var fault = new Fault(
            StatusCodes.Status401Unauthorized, wrapper ? Contracts.Protocol.ProtocolErrorCode.InvalidCredential : "invalid_api_key",
            $"The header {HeaderNames.ApiKey} is {(http.Request.Headers.ContainsKey(HeaderNames.ApiKey) ? "not a key of this server" : "missing")}. The first operator key is in the file {key.Path} on the server.");
        return ValueTask.FromResult<object?>(wrapper ? fault.ProtocolError() : fault.Problem(http));
    }
}
