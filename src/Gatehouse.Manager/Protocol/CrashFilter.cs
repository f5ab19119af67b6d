using Gatehouse.Contracts.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Protocol;

/// <summary>The outermost filter: a surprise is logged here with its trace id, and the caller is told no more than that id.</summary>
internal sealed partial class CrashFilter(ILogger<CrashFilter> logger, bool wrapper) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        // A reset comes to the reader of the body before the token knows of it.
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException || (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException))
        {
            // Nobody reads an answer. Without this Kestrel would read the rest of the body from a reader that has failed, and log that as an error.
            http.Abort();
            return Results.Empty;
        }
        catch (BadHttpRequestException e)
        {
            return Answer(http, new Fault(e.StatusCode, ProtocolErrorCode.InvalidRequest, e.Message));
        }
        catch (Exception e)
        {
            Log.Failed(logger, http.Request.Method, http.GetEndpoint()?.DisplayName ?? "", http.TraceIdentifier, e);
            if (http.Response.HasStarted)
                throw;
            return Answer(http, Fault.Of(ProtocolErrorCode.Default, $"The server failed; nothing is known to have changed. Its log has the reason under {http.TraceIdentifier}."));
        }
    }

    private IResult Answer(HttpContext http, Fault fault) => wrapper ? fault.ProtocolError() : fault.Problem(http);

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Error, "{Method} {Route} failed ({TraceId})", EventName = "RequestFailed")]
        public static partial void Failed(ILogger logger, string method, string route, string traceId, Exception e);
    }
}
