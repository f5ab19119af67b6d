namespace Gatehouse.LogService;

/// <summary>All limits and times of the log service's protocol. Numbers with a section are the log and TI sheet's.</summary>
internal static class LogLimits
{
    /// <summary>Bytes of a line's text as UTF-8; what is longer is cut (sheet §4).</summary>
    public const int MaxTextBytes = 25_600;

    /// <summary>Appended to a text that was cut (sheet §4).</summary>
    public const string Truncated = "... (log line truncated)";

    /// <summary>Newest lines kept of a stream (sheet §4); up to <see cref="ChunkLines"/> more, because whole chunks go.</summary>
    public const int MaxLines = 5_000;

    /// <summary>Lines that are kept, and dropped, together.</summary>
    public const int ChunkLines = 64;

    /// <summary>Bytes that are kept, and dropped, together; one line may have more.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>A stream keeps its newest lines up to this size, however much memory its account uses.</summary>
    public const int LeastStreamBytes = 16 * 1024;

    /// <summary>Bytes of a line's level, and of its time, as JSON.</summary>
    public const int MaxWordBytes = 256;

    /// <summary>Bytes of a line's arguments, as JSON.</summary>
    public const int MaxArgsBytes = 32 * 1024;

    /// <summary>Lines of one request: more than a stream keeps, many times over.</summary>
    public const int MaxWriteLines = 100_000;

    /// <summary>Bytes of one request with lines: what lite-engine collects in a second, many times over.</summary>
    public const int MaxWriteBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of one blob; runners cap theirs at 5 MiB unless told otherwise (sheet §8).</summary>
    public const long MaxBlobBytes = 256L * 1024 * 1024;

    /// <summary>Bytes of a key.</summary>
    public const int MaxKeyBytes = 2_048;

    /// <summary>Lifetime of a stream from its opening, unless the request says otherwise (sheet §4).</summary>
    public const int DefaultLifetimeSeconds = 18_000;

    /// <summary>Longest lifetime of a stream (sheet §4).</summary>
    public const int MaxLifetimeSeconds = 86_400;

    /// <summary>A tail hears from us at least this often (sheet §5).</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);

    /// <summary>A tail ends after this time (sheet §5).</summary>
    public static readonly TimeSpan MaxTail = TimeSpan.FromHours(1);
}
