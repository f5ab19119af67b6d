using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>Tells of services that did not answer: the log, and the client in a problem.</summary>
internal sealed partial class ServiceFailures(ILogger logger)
{
    /// <summary>Writes both; the client gets none when its answer had begun.</summary>
    public async Task TellAsync(HttpContext context, ForwardedService service, int status, string error)
    {
        Log.Failed(logger, service.Name, error);
        if (context.Response.HasStarted)
            return;
        context.Response.Clear();
        await ProblemWriter.WriteAsync(context, status, "service_unavailable", $"{service.Name} did not answer ({error}). Try again in a moment.");
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Warning, "Forwarding to {Service} failed: {Error}")]
        public static partial void Failed(ILogger logger, string service, string error);
    }
}
