using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gatehouse.Manager.Protocol;

/// <summary>The two forms of an answer: the delegate protocol's wrapper (sheet §5.1) and, on the operator API, RFC 9457.</summary>
internal static class Answers
{
    private static readonly Dictionary<string, string> s_noMetaData = [];

    /// <summary>200 with the wrapper around <paramref name="resource"/>.</summary>
    public static IResult Wrapped<T>(T? resource, JsonTypeInfo<RestResponse<T>> type, IReadOnlyList<ResponseMessage>? messages = null) =>
        TypedResults.Json(new RestResponse<T> { MetaData = s_noMetaData, Resource = resource, ResponseMessages = messages ?? [] }, type);

    /// <summary>200 with the wrapper around nothing.</summary>
    public static IResult WrappedNothing() => Wrapped<string>(null, ContractsJson.Default.RestResponseString);

    /// <summary>A fault in the delegate protocol's form. An mTLS refusal never carries a token code's name: fleets stop for good on those (sheet §3.5).</summary>
    public static IResult ProtocolError(this Fault fault) => new ProtocolErrorResult(fault);

    /// <summary>A fault as <c>application/problem+json</c>.</summary>
    public static IResult Problem(this Fault fault, HttpContext context)
    {
        SetRetryAfter(context.Response, fault);
        var problem = new Problem
        {
            Type = "urn:gatehouse:problem:" + fault.Code.ToLowerInvariant(),
            Title = ReasonPhrases.GetReasonPhrase(fault.Status),
            Status = fault.Status,
            Detail = fault.Message,
            Code = fault.Code.ToLowerInvariant(),
            TraceId = context.TraceIdentifier,
        };
        return TypedResults.Json(problem, ContractsJson.Default.Problem, "application/problem+json", fault.Status);
    }

    /// <summary>The error message object of a fault, as it also goes onto a stream.</summary>
    public static ResponseMessage Message(this Fault fault) => fault.Refusal is { } refusal
        ? RefusalBody.Of(refusal).ResponseMessages[0]
        : new ResponseMessage { Code = fault.Code, Message = fault.Message };

    private static void SetRetryAfter(HttpResponse response, Fault fault)
    {
        if (fault.Status == StatusCodes.Status429TooManyRequests)
            response.Headers.RetryAfter = "5";
    }

    private sealed class ProtocolErrorResult(Fault fault) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.Headers[HeaderNames.HarnessError] = fault.Code;
            if (fault.Status == StatusCodes.Status401Unauthorized)
                response.Headers.WWWAuthenticate = "Delegate";
            SetRetryAfter(response, fault);
            if (fault.Refusal is not { } refusal)
            {
                var body = new RestResponse<string> { ResponseMessages = [fault.Message()] };
                return TypedResults.Json(body, ContractsJson.Default.RestResponseString, statusCode: fault.Status).ExecuteAsync(httpContext);
            }
            response.Headers[HeaderNames.GatehouseRefusal] = refusal.Code.Name();
            return TypedResults.Json(RefusalBody.Of(refusal), ContractsJson.Default.RefusalBody, statusCode: fault.Status).ExecuteAsync(httpContext);
        }
    }
}
