using System.Buffers;
using System.Globalization;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.TaskOutput;

/// <summary>Task output in from the assignee, out to operators as it appears.</summary>
internal sealed class OutputEndpoints(OutputStore outputs, TaskBoard board, ManagerDatabase database, TimeProvider time)
{
    private const int ReadBytes = 64 * 1024;

    /// <summary>Far beyond what any task writes, and far from where sums overflow.</summary>
    private const long MaxOffset = 1L << 50;

    /// <summary>The last chunks may arrive after the response; not for ever.</summary>
    private static readonly TimeSpan s_lateChunks = TimeSpan.FromMinutes(5);

    public void MapAgent(IEndpointRouteBuilder routes) => routes.MapPost(Routes.Agent.TaskOutput, AppendAsync);

    public void MapOperator(IEndpointRouteBuilder routes) => routes.MapGet(Routes.Operator.TaskOutput, FollowAsync).Produces(200, contentType: "application/octet-stream");

    private async Task<IResult> AppendAsync(string taskId, HttpContext context)
    {
        var caller = AgentCaller.Of(context);
        var query = context.Request.Query;
        if (query["delegateId"] is not { Count: 1 } id || !long.TryParse(query["offset"], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) || offset > MaxOffset)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The query needs delegateId and offset, a number of bytes.").ProtocolError();
        if (await RefusedAsync(caller.AccountId, taskId, id!, context.RequestAborted) is { } refused)
            return refused.ProtocolError();
        if (!(await RequestBody.ReadBytesAsync(context, Limits.MaxTaskOutputChunkBytes)).Succeeded(out var chunk, out var fault))
            return fault.ProtocolError();
        var receipt = await outputs.AppendAsync(taskId, offset, chunk, context.RequestAborted);
        return TypedResults.Json(receipt, ContractsJson.Default.TaskOutputReceipt);
    }

    /// <summary>Only the delegate that has the task, or had it a moment ago, writes its output.</summary>
    private async Task<Fault?> RefusedAsync(string accountId, string taskId, string delegateId, CancellationToken cancellationToken)
    {
        if (board.FindRunning(taskId) is { } running && running.AccountId == accountId)
            return running.DelegateId == delegateId ? null : NotYours(taskId);
        if (await database.ReadAsync((db, ct) => TaskStore.FindAsync(db, accountId, taskId, ct), cancellationToken) is not { } row)
            return Fault.Of(ProtocolErrorCode.ResourceNotFound, $"There is no task '{Bounded.Text(taskId, 64)}'.");
        if (row.DelegateId != delegateId)
            return NotYours(taskId);
        return row.FinishedAt + s_lateChunks < time.GetUtcNow()
            ? Fault.Of(ProtocolErrorCode.ResourceNotFound, $"Task '{taskId}' has ended; its output is closed.")
            : null;
    }

    private static Fault NotYours(string taskId) => Fault.Of(ProtocolErrorCode.AccessDenied, $"Task '{taskId}' is with another delegate.");

    private async Task FollowAsync(string accountId, string taskId, HttpContext context)
    {
        using var following = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, outputs.Stopping);
        var cancellationToken = following.Token;
        if (await database.ReadAsync((db, ct) => TaskStore.FindAsync(db, accountId, taskId, ct), cancellationToken) is null)
        {
            await TaskQueue.NotFound(taskId).Problem(context).ExecuteAsync(context);
            return;
        }
        var position = long.TryParse(context.Request.Query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;
        var log = outputs.Open(taskId);
        Interlocked.Increment(ref log.Followers);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            // Asked again with the log in hand: an end before this is in the row, an end after it reaches the log.
            if (await database.ReadAsync((db, ct) => TaskStore.FindAsync(db, accountId, taskId, ct), cancellationToken) is not { IsFinished: false })
                log.Complete();
            context.Response.ContentType = "application/octet-stream";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            while (true)
            {
                var change = log.NextChange;
                var (complete, length) = (log.IsComplete, log.Length);
                while (position < length)
                {
                    var want = (int)Math.Min(buffer.Length, length - position);
                    if (await outputs.ReadAsync(taskId, position, buffer.AsMemory(0, want), cancellationToken) is not (> 0 and var count))
                        return; // The file went: the task's time of keeping is over.
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                    await context.Response.Body.FlushAsync(cancellationToken);
                    position += count;
                }
                if (complete)
                    return;
                await change.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (outputs.Stopping.IsCancellationRequested)
        {
            context.Abort(); // Cut, so that it does not look like the output's end.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            log.TouchedAt = time.GetUtcNow().UtcTicks;
            Interlocked.Decrement(ref log.Followers);
        }
    }
}
