using System.Buffers;
using System.IO.Pipelines;
using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Operators;

/// <summary>Writes lines from a number on, so that a reader whose connection broke goes on where it was. What it was too slow for counts, too.</summary>
internal sealed class OperatorLogWriter(PipeWriter output, long from, TimeProvider time)
{
    private long _next;

    public int Unflushed { get; private set; }

    public void Part(TailPart part)
    {
        if (part.Missed > 0)
        {
            _next += part.Missed;
            if (Math.Min(part.Missed, _next - from) is > 0 and var missed)
                Write(MissedLine.Of(missed, time.GetUtcNow()), "\n"u8);
        }
        Lines(part.Ndjson.Span);
    }

    /// <summary>Whole lines.</summary>
    public void Lines(ReadOnlySpan<byte> ndjson)
    {
        while (!ndjson.IsEmpty)
        {
            var length = ndjson.IndexOf((byte)'\n') + 1;
            if (_next++ >= from)
                Write(ndjson[..length], default);
            ndjson = ndjson[length..];
        }
    }

    /// <summary>The last line: nothing more comes, and whether more would come later.</summary>
    public async Task EndAsync(bool isComplete, CancellationToken cancellationToken)
    {
        Write(isComplete ? "{\"end\":\"closed\"}\n"u8 : "{\"end\":\"open\"}\n"u8, default);
        await FlushAsync(cancellationToken);
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Unflushed = 0;
        await output.FlushAsync(cancellationToken);
    }

    private void Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more)
    {
        output.Write(bytes);
        output.Write(more);
        Unflushed += bytes.Length + more.Length;
    }
}
