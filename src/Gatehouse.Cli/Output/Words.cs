using System.Globalization;

namespace Gatehouse.Cli.Output;

/// <summary>Dates with zone, sizes with unit: the same everywhere.</summary>
internal static class Words
{
    public const string Nothing = "-";

    /// <summary>For example <c>2026-01-31 09:05:00 UTC</c>.</summary>
    public static string When(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <inheritdoc cref="When(DateTimeOffset)"/>
    public static string When(DateTimeOffset? at) => at is { } known ? When(known) : Nothing;

    /// <summary>For example <c>820 B</c>, <c>1.5 KiB</c>, <c>16.0 MiB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024.0:0.0} MiB"),
    };

    /// <summary>For example <c>850 ms</c>, <c>4.2 s</c>, <c>10 min</c>, <c>2 h 30 min</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s"),
        { TotalHours: < 1, Seconds: 0 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds} s"),
        { Minutes: 0 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min"),
    };

    public static string YesNo(bool value) => value ? "yes" : "no";

    public static string List(IReadOnlyCollection<string> values) => values.Count == 0 ? Nothing : string.Join(", ", values);
}
