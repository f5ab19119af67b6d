using Gatehouse.LogService.Blobs;

namespace Gatehouse.LogService.Streams;

/// <summary>
/// Puts a stream's lines into the blob of its key. With a snapshot they replace it (sheet §4). Without one nobody asked for that: what a client uploaded for
/// this stream is its log and stays, and what is older than the stream goes before its lines. However often it is tried, each line is there once.
/// </summary>
internal sealed class LineKeeper(IBlobStore blobs, ILiveStore streams, LogMetrics metrics, TimeProvider time) : IDisposable
{
    /// <summary>A blob with more to copy waits for another such: a close is a short request, however much it moves.</summary>
    private const long Large = 16 * 1024 * 1024;

    private const int BufferBytes = 64 * 1024;
    private readonly SemaphoreSlim _large = new(1);

    public void Dispose() => _large.Dispose();

    /// <summary>Returns when the lines are durable, or need not be.</summary>
    public async Task KeepAsync(StreamId id, StreamLines lines, bool snapshot, CancellationToken cancellationToken)
    {
        var there = snapshot && lines.Parts.Count > 0 ? null : await blobs.SizeAsync(id, cancellationToken);
        // No lines are no reason to replace anything.
        if (there is not null && (lines.Parts.Count == 0 || lines.EarlierBytes == StreamLines.Uploaded))
            return;
        var earlier = Math.Min(lines.EarlierBytes is null or StreamLines.Uploaded ? long.MaxValue : lines.EarlierBytes.Value, there ?? 0);
        // Before the blob is written: who tries again after us must know which part of it is ours.
        await streams.NoteBlobAsync(id, earlier, cancellationToken);
        var isLarge = earlier > Large;
        if (isLarge)
            await _large.WaitAsync(cancellationToken);
        try
        {
            await blobs.WriteAsync(metrics, time, id, async (blob, cancel) =>
            {
                if (earlier > 0 && await blobs.ReadAsync(id, cancel) is { } before)
                {
                    await using (before)
                        await CopyAsync(before.Stream, earlier, room: Math.Max(0, LogLimits.MaxBlobBytes - lines.Length), blob, cancel);
                }
                foreach (var part in lines.Parts)
                    await blob.WriteAsync(part, cancel);
            }, cancellationToken);
        }
        finally
        {
            if (isLarge)
                _large.Release();
        }
    }

    /// <summary>Copies the first <paramref name="bytes"/> bytes as whole lines, but for the oldest when there are more than <paramref name="room"/>.</summary>
    internal static async Task CopyAsync(Stream from, long bytes, long room, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        var (left, leaveOut, last) = (bytes, Math.Max(0, bytes - room), (byte)'\n');
        while (left > 0 && await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken) is > 0 and var read)
        {
            left -= read;
            var part = buffer.AsMemory(0, read);
            if (leaveOut > 0)
            {
                // On to the end of the line that the room begins in.
                var skip = (int)Math.Min(leaveOut - 1, read);
                (leaveOut, part) = (leaveOut - skip, part[skip..]);
                if (part.Span.IndexOf((byte)'\n') is not (>= 0 and var end))
                    continue;
                (leaveOut, part) = (0, part[(end + 1)..]);
            }
            if (part.IsEmpty)
                continue;
            await to.WriteAsync(part, cancellationToken);
            last = part.Span[^1];
        }
        // What was uploaded may end anyhow.
        if (last != '\n')
            await to.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }
}
