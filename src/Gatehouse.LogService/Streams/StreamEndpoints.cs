using System.Globalization;
using System.Text.Json;
using Gatehouse.LogService.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.LogService.Streams;

/// <summary><c>/stream</c> (sheet §4): open, write, close, and what is open.</summary>
internal sealed class StreamEndpoints(ILiveStore streams, StreamCloser closer, WriteBodies bodies, Tail tail, LogMetrics metrics)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/stream", (Delegate)OpenAsync);
        routes.MapPut("/stream", (Delegate)WriteAsync);
        routes.MapDelete("/stream", (Delegate)CloseAsync);
        routes.MapGet("/stream", (Delegate)tail.RunAsync);
        routes.MapGet("/stream/info", (Delegate)InfoAsync);
    }

    private async Task<IResult> OpenAsync(HttpContext context)
    {
        var seconds = LogLimits.DefaultLifetimeSeconds;
        if (context.Request.Query["timeout_seconds"].ToString() is { Length: > 0 } text &&
            (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seconds) || seconds < 0))
            return LogAnswers.Error(StatusCodes.Status400BadRequest, "timeout_seconds is not a number of seconds from 0 on.");
        var lifetime = TimeSpan.FromSeconds(seconds == 0 ? LogLimits.DefaultLifetimeSeconds : Math.Min(seconds, LogLimits.MaxLifetimeSeconds));
        if (!await streams.OpenAsync(LogCaller.Of(context).Id, lifetime, context.RequestAborted))
            return LogAnswers.Error(StatusCodes.Status429TooManyRequests, "The account has as many open log streams as it may; close some.");
        metrics.StreamsBecame("opened");
        return TypedResults.NoContent();
    }

    private async Task<IResult> WriteAsync(HttpContext context)
    {
        if (!TryFirstLine(context, out var firstLine))
            return NoNumber();
        LineBatch lines;
        try
        {
            lines = LineReader.Read(await bodies.ReadAsync(context), isCounted: firstLine is not null);
        }
        catch (JsonException e)
        {
            return LogAnswers.Error(StatusCodes.Status400BadRequest, Describe(e));
        }
        var result = await streams.AppendAsync(LogCaller.Of(context).Id, lines, firstLine, context.RequestAborted);
        if (!result.Found)
            return LogAnswers.Error(StatusCodes.Status400BadRequest, "stream: not found");
        if (result.Expected is { } expected)
            return Missing(expected);
        metrics.Written(lines.Count, lines.Ndjson.Length);
        return TypedResults.NoContent();
    }

    private async Task<IResult> CloseAsync(HttpContext context)
    {
        var caller = LogCaller.Of(context);
        var query = context.Request.Query;
        IReadOnlyList<string> keys = query["prefix"] == "true" ? await streams.KeysAsync(caller.Account, caller.Key, context.RequestAborted)
            : query["keyList"].ToString() is { Length: > 0 } list ? list.Split(',')
            : [caller.Key];
        // A writer that counts closes what it has written, or is told what a restart has cost.
        if (!TryFirstLine(context, out var firstLine))
            return NoNumber();
        if (firstLine is not null && (await streams.AppendAsync(caller.Id, default, firstLine, context.RequestAborted)).Expected is { } expected)
            return Missing(expected);
        // Begun, it is finished: some clients do not ask twice (sheet §8).
        return await closer.CloseAsync(caller.Account, keys, snapshot: query["snapshot"] == "true", CancellationToken.None)
            ? TypedResults.NoContent()
            : LogAnswers.NotFound();
    }

    /// <summary>An addition of ours: writers that count their lines. False: what is given is not a number.</summary>
    private static bool TryFirstLine(HttpContext context, out long? firstLine)
    {
        var text = context.Request.Query["firstLine"].ToString();
        firstLine = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return text.Length == 0 || firstLine is not null;
    }

    private static IResult NoNumber() => LogAnswers.Error(StatusCodes.Status400BadRequest, "firstLine is not the number of a line, counted from 0.");

    private static IResult Missing(long expected) =>
        LogAnswers.Json(new LinesMissing($"Line {expected} is wanted next; send from there.", expected), StreamJson.Default.LinesMissing, StatusCodes.Status409Conflict);

    private async Task<IResult> InfoAsync(HttpContext context)
    {
        var facts = await streams.FactsAsync(LogCaller.Of(context).Account, context.RequestAborted);
        return LogAnswers.Json(
            new StreamsInfo(facts.ToDictionary(one => one.Key, one => new StreamInfo(one.Lines, one.Subscribers, GoDuration.Of(one.TimeLeft)), StringComparer.Ordinal)),
            StreamJson.Default.StreamsInfo);
    }

    private static string Describe(JsonException e) => e.BytePositionInLine is null
        ? e.Message
        : string.Create(CultureInfo.InvariantCulture, $"The body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
}
