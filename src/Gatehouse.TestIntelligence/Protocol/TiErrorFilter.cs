using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>The outermost filter: what is wrong with a request becomes the protocol's error; a surprise is logged here, and its caller told no more than its trace id.</summary>
internal sealed partial class TiErrorFilter(ILogger<TiErrorFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (InputException e)
        {
            return TiAnswer.Error(e.Status, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return TiAnswer.Error(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"The body is larger than {TiLimits.MaxUploadBytes / 1024 / 1024} MiB, which is the limit here." : e.Message);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException || (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException))
        {
            http.Abort(); // Nobody reads an answer.
            return Results.Empty;
        }
        catch (Exception e)
        {
            Log.Failed(logger, http.Request.Method, http.GetEndpoint()?.DisplayName ?? "", http.TraceIdentifier, e);
            if (http.Response.HasStarted)
                throw;
            return TiAnswer.Error(StatusCodes.Status500InternalServerError, $"The TI service failed; its log has the reason under {http.TraceIdentifier}.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6010, LogLevel.Error, "{Method} {Route} failed ({TraceId})", EventName = "TiRequestFailed")]
        public static partial void Failed(ILogger logger, string method, string route, string traceId, Exception e);
    }
}
