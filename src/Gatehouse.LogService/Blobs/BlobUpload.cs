using Gatehouse.LogService.Protocol;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService.Blobs;

/// <summary>
/// Takes an uploaded log. Clients repeat an upload with a body that they have consumed already, and count any answer below 500 as success (sheet §8):
/// an empty body replaces nothing, and the live lines are kept in its place.
/// </summary>
internal sealed class BlobUpload(IBlobStore blobs, ILiveStore streams, LineKeeper keeper, LogMetrics metrics, TimeProvider time)
{
    public async Task TakeAsync(HttpContext context, StreamId id)
    {
        RequestBytes.Allow(context, LogLimits.MaxBlobBytes);
        var body = context.Request.BodyReader;
        var first = await body.ReadAsync(context.RequestAborted);
        body.AdvanceTo(first.Buffer.Start);
        if (first.Buffer.IsEmpty && first.IsCompleted)
        {
            await TakeEmptyAsync(id, context.RequestAborted);
            return;
        }
        await blobs.WriteAsync(metrics, time, id, (blob, cancel) => body.CopyToAsync(blob, cancel), context.RequestAborted);
        try
        {
            await streams.NoteBlobAsync(id, StreamLines.Uploaded, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // The blob is safe, and a client that is told otherwise sends an empty one next. At worst the live lines come after it once more.
        }
    }

    private async Task TakeEmptyAsync(StreamId id, CancellationToken cancellationToken)
    {
        if (await blobs.SizeAsync(id, cancellationToken) > 0)
            return;
        var lines = await streams.LinesAsync(id, seal: false, cancellationToken) ?? new StreamLines([], null);
        await keeper.KeepAsync(id, lines, snapshot: false, cancellationToken);
    }
}
