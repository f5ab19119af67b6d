using System.Buffers;
using System.IO.Pipelines;
using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Downloads;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.LogService.Operators;

/// <summary>
/// Logs for operators, on their listener: live or kept, as lines of JSON, and many as a zip. They ask for the operator key, and errors are RFC 9457, as everywhere
/// on that listener. A line of ours comes last and says whether the log is complete: without it the connection broke.
/// </summary>
internal sealed class OperatorLogs(IOperatorAdmission admission, ILiveStore streams, IBlobStore blobs, LogServiceLife life, TimeProvider time) : IEndpointFilter
{
    private const int FlushBytes = 32 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        var guarded = routes.MapGroup("").AddEndpointFilter(this);
        guarded.MapGet(Routes.Operator.Log, (Delegate)LogAsync);
        guarded.MapGet(Routes.Operator.LogsZip, (Delegate)ZipAsync);
    }

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!admission.Admits(http.Request.Headers[HeaderNames.ApiKey]))
            return Problem(http, StatusCodes.Status401Unauthorized, "invalid_api_key", $"The header {HeaderNames.ApiKey} is missing or not a key of this server.");
        var account = (string)http.Request.RouteValues["accountId"]!;
        if (!admission.HasAccount(account))
            return Problem(http, StatusCodes.Status404NotFound, "account_not_found", $"There is no account '{Bounded(account)}' here.");
        return await next(context);
    }

    private async Task<IResult> LogAsync(HttpContext context, string accountId)
    {
        var key = context.Request.Query["key"].ToString();
        if (key.Length is 0 or > LogLimits.MaxKeyBytes)
            return Problem(context, StatusCodes.Status400BadRequest, "invalid_key", $"The key has {key.Length} characters; 1 to {LogLimits.MaxKeyBytes} are legal.");
        _ = long.TryParse(context.Request.Query["from"], System.Globalization.CultureInfo.InvariantCulture, out var from);
        var id = new StreamId(accountId, key);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.Stopping);
        if (await streams.LinesAsync(id, seal: false, stop.Token) is { } lines)
        {
            Prepare(context);
            var writer = new OperatorLogWriter(context.Response.BodyWriter, from, time);
            if (context.Request.Query["follow"] == "true")
            {
                await FollowAsync(id, writer, stop);
                return Results.Empty;
            }
            foreach (var part in lines.Parts)
                writer.Lines(part.Span);
            await writer.EndAsync(isComplete: false, stop.Token);
            return Results.Empty;
        }

        if (await blobs.ReadAsync(id, stop.Token) is not { } blob)
            return Problem(context, StatusCodes.Status404NotFound, "log_not_found", $"Account '{accountId}' has no log '{Bounded(key)}', neither open nor kept.");
        await using (blob)
        {
            Prepare(context);
            await CopyAsync(blob.Stream, new OperatorLogWriter(context.Response.BodyWriter, from, time), stop.Token);
        }
        return Results.Empty;
    }

    private async Task FollowAsync(StreamId id, OperatorLogWriter writer, CancellationTokenSource stop)
    {
        // Somebody who went without a word is noticed by then; a reader that is there comes back.
        using var hour = new CancellationTokenSource(LogLimits.MaxTail, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, hour.Token);
        try
        {
            var isEmpty = true;
            await foreach (var part in streams.FollowAsync(id, both.Token))
            {
                isEmpty = false;
                writer.Part(part);
                await writer.FlushAsync(both.Token);
            }
            // It may have been closed before it could be followed: then its lines are in the blob.
            if (isEmpty && await blobs.ReadAsync(id, both.Token) is { } blob)
            {
                await using (blob)
                    await CopyAsync(blob.Stream, writer, both.Token);
                return;
            }
            await writer.EndAsync(isComplete: true, both.Token);
        }
        catch (OperationCanceledException)
        {
            // The last line is missing, which says so.
        }
    }

    private static async Task CopyAsync(Stream blob, OperatorLogWriter writer, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(blob);
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var rest = result.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var line = rest.Slice(0, rest.GetPosition(1, end));
                writer.Lines(line.IsSingleSegment ? line.FirstSpan : line.ToArray());
                rest = rest.Slice(line.End);
            }
            if (result.IsCompleted && !rest.IsEmpty)
                writer.Lines([.. rest.ToArray(), (byte)'\n']);
            reader.AdvanceTo(rest.Start, rest.End);
            if (result.IsCompleted)
                break;
            if (writer.Unflushed > FlushBytes)
                await writer.FlushAsync(cancellationToken);
        }
        await writer.EndAsync(isComplete: true, cancellationToken);
    }

    private async Task<IResult> ZipAsync(HttpContext context, string accountId)
    {
        var prefix = context.Request.Query["prefix"].ToString();
        if (prefix.Length is 0 or > LogLimits.MaxKeyBytes)
            return Problem(context, StatusCodes.Status400BadRequest, "invalid_prefix", $"The prefix has {prefix.Length} characters; 1 to {LogLimits.MaxKeyBytes} are legal.");
        var logs = await blobs.ListAsync(accountId, prefix, ZipDownloads.MaxLogs + 1, context.RequestAborted);
        if (logs.Count == 0)
            return Problem(context, StatusCodes.Status404NotFound, "log_not_found", $"Account '{accountId}' has no kept log whose key begins with '{Bounded(prefix)}'. A log that is still being written is kept when it is closed.");
        if (logs.Count > ZipDownloads.MaxLogs)
            return Problem(context, StatusCodes.Status400BadRequest, "too_many_logs", $"More than {ZipDownloads.MaxLogs} logs begin with '{Bounded(prefix)}'; give a longer prefix.");
        context.Response.ContentType = "application/zip";
        await using (var body = context.Response.BodyWriter.AsStream(leaveOpen: true))
            await LogZip.WriteAsync(body, blobs, accountId, logs, context.RequestAborted);
        return Results.Empty;
    }

    private static void Prepare(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>What a caller sent, for sentences.</summary>
    private static string Bounded(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static IResult Problem(HttpContext http, int status, string code, string detail) => Results.Json(
        new Problem { Type = "about:blank", Title = code, Status = status, Detail = detail, Code = code, TraceId = http.TraceIdentifier },
        ContractsJson.Default.Problem, "application/problem+json", status);
}
