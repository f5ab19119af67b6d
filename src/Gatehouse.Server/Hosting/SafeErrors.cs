using System.Text.Json;
using Gatehouse.Contracts;

namespace Gatehouse.Server.Hosting;

/// <summary>The last word on what nobody caught: a problem without a stack trace for the client, the cause in the log.</summary>
internal sealed partial class SafeErrors(RequestDelegate next, ILogger<SafeErrors> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405, ContentLength: null, ContentType: null })
                await WriteAsync(context, context.Response.StatusCode, "not_found", $"There is nothing at {context.Request.Method} {Bounded(context.Request.Path)}.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, e.StatusCode, e.StatusCode == 413 ? "body_too_large" : "bad_request",
                e.StatusCode == 413 ? $"The body is larger than {Limits.MaxRequestBodyBytes / 1024 / 1024} MiB." : e.Message);
        }
        catch (Exception e)
        {
            Log.Unhandled(logger, e, context.Request.Method, Bounded(context.Request.Path), context.TraceIdentifier);
            await WriteAsync(context, 500, "internal_error", "The server failed; its log has the cause under this trace id.");
        }
    }

    private static string Bounded(PathString path) => path.Value is { Length: > 200 } text ? text[..200] : path.Value ?? "/";

    private static async Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        var problem = new Problem { Type = "about:blank", Title = code, Status = status, Detail = detail, Code = code, TraceId = context.TraceIdentifier };
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ContractsJson.Default.Problem));
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "{Method} {Path} failed (trace id {TraceId})")]
        public static partial void Unhandled(ILogger logger, Exception exception, string method, string path, string traceId);
    }
}
