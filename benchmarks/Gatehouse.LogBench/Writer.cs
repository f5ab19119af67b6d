using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gatehouse.LogBench;

/// <summary>Writes to one stream at its pace. Each line says which it is and when it was there to be written.</summary>
internal sealed class Writer(LogClient client, string key, (TimeSpan Interval, int Lines, int TextBytes) pace, Totals totals)
{
    private readonly string _padding = new('x', pace.TextBytes);

    /// <summary>Lines that were acknowledged.</summary>
    public long Written { get; private set; }

    /// <summary>Writes until it is stopped.</summary>
    /// <param name="phase">From 0 to 1: writers do not all write at once.</param>
    /// <param name="stop">Ends it between two writes.</param>
    public async Task RunAsync(double phase, CancellationToken stop)
    {
        var interval = pace.Interval.TotalSeconds * Stopwatch.Frequency;
        var due = Stopwatch.GetTimestamp() + (long)(phase * interval);
        var free = 0L;
        while (!stop.IsCancellationRequested)
        {
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } wait)
                await Task.Delay(wait, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            // A writer that waited for its last answer had the lines all the time; one that the generator woke late had not.
            var at = free > due ? due : Stopwatch.GetTimestamp();
            if (await client.IsDoneAsync(HttpMethod.Put, key, new ByteArrayContent(Lines(at))))
                Written += pace.Lines;
            else
                totals.Refused();
            totals.Wrote(pace.Lines);
            free = Stopwatch.GetTimestamp();
            due += (long)interval;
        }
    }

    private byte[] Lines(long at)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < pace.Lines; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{(i == 0 ? "" : ",")}{{\"level\":\"info\",\"pos\":{Written + i},\"out\":\"{Written + i} {at} {_padding}\\n\",\"time\":\"2026-11-30T08:00:00.123456789Z\",\"args\":null}}");
        }
        return Encoding.ASCII.GetBytes(text.Append(']').ToString());
    }
}

/// <summary>What all writers and readers came to.</summary>
internal sealed class Totals
{
    private long _lines, _refused, _wrong, _ended;

    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Writes that were not answered with 204.</summary>
    public long RefusedWrites => Interlocked.Read(ref _refused);

    /// <summary>Lines that a quick reader missed, got twice or out of order.</summary>
    public long WrongLines => Interlocked.Read(ref _wrong);

    /// <summary>Readers that were told the end.</summary>
    public long EndedTails => Interlocked.Read(ref _ended);

    public void Wrote(int lines) => Interlocked.Add(ref _lines, lines);

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Wrong() => Interlocked.Increment(ref _wrong);

    public void Ended() => Interlocked.Increment(ref _ended);
}
