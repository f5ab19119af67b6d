using System.Text.Json;

namespace Gatehouse.Client.Operator;

/// <summary>How reading a log ended.</summary>
public enum LogEnd
{
    /// <summary>The connection broke; ask again with the same cursor.</summary>
    Broken,

    /// <summary>All there is was read, and the log is still being written.</summary>
    Open,

    /// <summary>The log is complete.</summary>
    Closed,
}

/// <summary>How far a log has been read.</summary>
public sealed class LogCursor
{
    /// <summary>Number of the next line; lines that were missed count.</summary>
    public long Next { get; private set; }

    /// <summary>How the last reading ended.</summary>
    public LogEnd End { get; internal set; }

    /// <summary>Counts a line. False: it was the server's last, which says how it stands.</summary>
    internal bool Takes(ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual("{\"end\":\"closed\"}"u8) || line.SequenceEqual("{\"end\":\"open\"}"u8))
        {
            End = line.Length == "{\"end\":\"open\"}"u8.Length ? LogEnd.Open : LogEnd.Closed;
            return false;
        }

        Next += LogText.Read(line) is { Missed: > 0 and var missed } ? missed : 1;
        return true;
    }
}

/// <summary>What people read of a line.</summary>
/// <param name="Text">Its text, line break included.</param>
/// <param name="Missed">More than 0: it stands in the place of so many lines that this reader was too slow for.</param>
public readonly record struct LogText(string Text, long Missed)
{
    /// <summary>Reads a line of JSON; one that cannot be read is shown as it is.</summary>
    public static LogText Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var json = JsonDocument.ParseValue(ref reader);
            var text = json.RootElement.GetProperty("out").GetString() ?? "";
            var missed = text.StartsWith("gatehouse: ", StringComparison.Ordinal) && json.RootElement.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Object
                && args.TryGetProperty("missed", out var count) && long.TryParse(count.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var lines) ? lines : 0;
            return new LogText(text, missed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new LogText(System.Text.Encoding.UTF8.GetString(line) + "\n", 0);
        }
    }
}
