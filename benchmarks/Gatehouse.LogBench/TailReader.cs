using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Pipelines;

namespace Gatehouse.LogBench;

/// <summary>Follows one stream to its end and checks that every line comes once and in order.</summary>
internal sealed class TailReader(HttpResponseMessage response, Totals totals, Latencies? latencies) : IDisposable
{
    private bool _isEnded;

    /// <summary>Number of the line that comes next.</summary>
    public long Next { get; private set; }

    /// <summary>Lines that the service said were missed.</summary>
    public long Missed { get; private set; }

    public static async Task<TailReader> OpenAsync(LogClient client, string key, Totals totals, Latencies? latencies)
    {
        var response = await client.SendAsync(HttpMethod.Get, key);
        return response.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? new TailReader(response, totals, latencies)
            : throw new InvalidOperationException($"The tail of {key} is not a stream of events.");
    }

    public async Task RunAsync()
    {
        var pipe = PipeReader.Create(await response.Content.ReadAsStreamAsync());
        while (true)
        {
            var result = await pipe.ReadAsync();
            var buffer = result.Buffer;
            var now = Stopwatch.GetTimestamp();
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                Take(buffer.Slice(0, end), now);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    public void Dispose() => response.Dispose();

    private void Take(ReadOnlySequence<byte> sequence, long now)
    {
        var line = sequence.IsSingleSegment ? sequence.FirstSpan : sequence.ToArray();
        if (line.StartsWith("event: error"u8))
        {
            _isEnded = true;
            totals.Ended();
        }
        if (_isEnded || !line.StartsWith("data: "u8))
            return;
        if (line.IndexOf("\"missed\":\""u8) is >= 0 and var at && Utf8Parser.TryParse(line[(at + 10)..], out long missed, out _))
        {
            (Missed, Next) = (Missed + missed, Next + missed);
            if (latencies is not null)
                totals.Wrong();
            return;
        }
        var text = line[(line.IndexOf("\"out\":\""u8) + 7)..];
        if (!Utf8Parser.TryParse(text, out long number, out var length) || !Utf8Parser.TryParse(text[(length + 1)..], out long written, out _) || number != Next)
            totals.Wrong();
        else
            latencies?.Add(Stopwatch.GetElapsedTime(written, now));
        Next = number + 1;
    }
}
