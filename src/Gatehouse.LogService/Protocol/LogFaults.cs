using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Protocol;

/// <summary>The outermost filter: a store that fails is a 500 with a sentence for the client and its cause in the log; a client that went away is nobody's error.</summary>
internal sealed partial class LogFaults(RefusedUploads refused, ILogger<LogFaults> logger) : IEndpointFilter
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
            http.Abort();
            return Results.Empty;
        }
        catch (BadHttpRequestException e)
        {
            if (e.StatusCode == StatusCodes.Status413PayloadTooLarge && UploadRoute.Is(http))
                refused.Add("size", null, http.Features.Get<IAgentOrigin>()?.RemoteAddress);
            return Answer(http, e.StatusCode, e.Message);
        }
        catch (OutOfSpaceException e)
        {
            return Answer(http, e.Status, e.Message);
        }
        catch (StoreUnavailableException e)
        {
            // Said in the log by the store itself, once, and not for each request.
            Log.Unavailable(logger, http.Request.Method, http.GetEndpoint()?.DisplayName ?? "", e);
            return Answer(http, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (Exception e)
        {
            Log.Failed(logger, http.Request.Method, http.GetEndpoint()?.DisplayName ?? "", http.TraceIdentifier, e);
            return Answer(http, StatusCodes.Status500InternalServerError, $"The log service failed; its log has the cause under the trace id {http.TraceIdentifier}.");
        }
    }

    private static IResult Answer(HttpContext http, int status, string message)
    {
        if (!http.Response.HasStarted)
            return LogAnswers.Error(status, message);
        http.Abort();
        return Results.Empty;
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Error, "{Method} {Endpoint} failed (trace id {TraceId})", EventName = "LogRequestFailed")]
        public static partial void Failed(ILogger logger, string method, string endpoint, string traceId, Exception e);

        [LoggerMessage(4002, LogLevel.Debug, "{Method} {Endpoint} was answered with 503", EventName = "LogStoreUnavailable")]
        public static partial void Unavailable(ILogger logger, string method, string endpoint, Exception e);
    }
}
