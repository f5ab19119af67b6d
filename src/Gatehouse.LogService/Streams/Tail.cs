using System.Collections.Concurrent;
using Gatehouse.LogService.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gatehouse.LogService.Streams;

/// <summary>
/// <c>GET /stream</c>: history, then live lines, as server-sent events (sheet §5), until the stream is closed, the client goes, the hour is over, or the
/// connection's trust is withdrawn. The reader's pace is its own: it holds nobody up, and what it was too slow for it is told.
/// </summary>
internal sealed class Tail(ILiveStore streams, LogServiceLife life, LogServiceOptions options, LogMetrics metrics, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);

    public async Task<IResult> RunAsync(HttpContext context)
    {
        var caller = LogCaller.Of(context);
        var open = _open.AddOrUpdate(caller.Account, 1, (_, others) => others + 1);
        try
        {
            if (open > options.MaxTailsPerAccount)
                return LogAnswers.Error(StatusCodes.Status429TooManyRequests, $"The account has {options.MaxTailsPerAccount} open tails, which is the limit; close some.");
            await SendAsync(context, caller);
            return Results.Empty;
        }
        finally
        {
            _open.AddOrUpdate(caller.Account, 0, (_, others) => others - 1);
        }
    }

    private async Task SendAsync(HttpContext context, LogCaller caller)
    {
        Prepare(context);
        var events = new EventWriter(context.Response.BodyWriter, time);
        events.Ping();
        using var hour = new CancellationTokenSource(LogLimits.MaxTail, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, caller.Origin.Revoked, life.Stopping, hour.Token);
        metrics.TailOpened();
        try
        {
            await events.FlushAsync(stop.Token);
            await FollowAsync(caller.Id, events, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end below says which.
        }
        finally
        {
            metrics.TailEnded();
        }
        if (context.RequestAborted.IsCancellationRequested)
            return;
        events.End(caller.Origin.RevokedBecause?.Message ?? "eof");
        await events.FlushAsync(context.RequestAborted);
    }

    private async Task FollowAsync(StreamId id, EventWriter events, CancellationToken stop)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var parts = streams.FollowAsync(id, leaving.Token).GetAsyncEnumerator(leaving.Token);
        var next = parts.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (!next.IsCompleted || events.IsFull)
                    await events.FlushAsync(stop);
                if (!await ReadyAsync(next, stop))
                {
                    events.Ping();
                    continue;
                }
                if (!await next)
                    return;
                if (parts.Current.Missed > 0)
                {
                    metrics.Missed(parts.Current.Missed);
                    events.Missed(parts.Current.Missed);
                }
                await events.LinesAsync(parts.Current.Ndjson, stop);
                next = parts.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // An enumerator must not be left while it moves.
            await leaving.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>False when it is time for a ping.</summary>
    private async Task<bool> ReadyAsync(Task next, CancellationToken stop)
    {
        if (next.IsCompleted)
            return true;
        try
        {
            await next.WaitAsync(LogLimits.PingInterval, time, stop);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static void Prepare(HttpContext context)
    {
        var headers = context.Response.Headers;
        context.Response.ContentType = "text/event-stream";
        headers.CacheControl = "no-cache";
        headers["X-Accel-Buffering"] = "no";
        headers.AccessControlAllowOrigin = "*";
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            headers.Connection = "keep-alive";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // A reader may pause; how long is bounded by the hour.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }
}
