using System.Globalization;
using System.Text.Json.Serialization;

namespace Gatehouse.LogService.Streams;

#pragma warning disable IDE1006 // Names of the wire.
internal sealed record StreamInfo(long size, int subscribers, string ttl);

internal sealed record StreamsInfo(IReadOnlyDictionary<string, StreamInfo> streams);

/// <summary>Ours: to a writer that counts its lines and left some out.</summary>
internal sealed record LinesMissing(string error_msg, long next_line);
#pragma warning restore IDE1006

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(StreamsInfo))]
[JsonSerializable(typeof(LinesMissing))]
internal sealed partial class StreamJson : JsonSerializerContext;

/// <summary>Durations as the first implementation writes them, for example <c>4h59m31s</c>.</summary>
internal static class GoDuration
{
    public static string Of(TimeSpan span)
    {
        var seconds = Math.Max(0, (long)span.TotalSeconds);
        return seconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : seconds < 3600 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60}s")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s");
    }
}
