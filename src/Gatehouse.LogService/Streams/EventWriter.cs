using System.IO.Pipelines;
using System.Text;

namespace Gatehouse.LogService.Streams;

/// <summary>Server-sent events in the framing of sheet §5. Every event ends with a blank line, the last one, too: a strict <c>EventSource</c> would not fire it otherwise.</summary>
internal sealed class EventWriter(PipeWriter output, TimeProvider time)
{
    /// <summary>With so much written and not flushed, the reader's turn comes before more is written.</summary>
    private const int FlushBytes = 32 * 1024;

    public int Unflushed { get; private set; }

    public bool IsFull => Unflushed >= FlushBytes;

    public void Ping() => Write(": ping\n"u8);

    /// <summary>One event for each line; waits for the reader in between, so that one that does not read is sent little.</summary>
    public async Task LinesAsync(ReadOnlyMemory<byte> ndjson, CancellationToken cancellationToken)
    {
        while (!ndjson.IsEmpty)
        {
            if (IsFull)
                await FlushAsync(cancellationToken);
            var end = ndjson.Span.IndexOf((byte)'\n');
            Write("data: "u8);
            Write(ndjson.Span[..end]);
            Write("\n\n"u8);
            ndjson = ndjson[(end + 1)..];
        }
    }

    /// <summary>A line of ours in place of those the reader was too slow for.</summary>
    public void Missed(long lines)
    {
        Write("data: "u8);
        Write(MissedLine.Of(lines, time.GetUtcNow()));
        Write("\n\n"u8);
    }

    public void End(string reason) => Write(Encoding.UTF8.GetBytes($"event: error\ndata: {reason.ReplaceLineEndings(" ")}\n\n"));

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Unflushed = 0;
        await output.FlushAsync(cancellationToken);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        // Asked for so many bytes: with no number (as BuffersExtensions.Write asks) HTTP/1.1 may get none from a connection without a memory pool of its own.
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
        Unflushed += bytes.Length;
    }
}
