namespace Gatehouse.LogService;

/// <summary>What the log service needs to know; the host fills it from the configuration.</summary>
public sealed class LogServiceOptions
{
    /// <summary>Options with their defaults.</summary>
    public LogServiceOptions() => FreeSpace = () => new DriveInfo(Path.GetFullPath(Directory!)).AvailableFreeSpace;

    /// <summary>Folder of live lines and blobs; made with mode 0700.</summary>
    public required string Directory { get; init; }

    /// <summary>Signs tokens and links; the manager mints with the same.</summary>
    public required string Secret { get; init; }

    /// <summary>Compared with what asks for a token, or to delete blobs by prefix.</summary>
    public required string GlobalToken { get; init; }

    /// <summary>Where Redis is, as StackExchange.Redis reads it (<c>host:port,password=…,ssl=true</c>); null: live lines are in this process' memory.</summary>
    public string? RedisConnectionString { get; init; }

    /// <summary>Where blobs are with an S3-compatible service; null: in files below <see cref="Directory"/>.</summary>
    public S3Options? S3 { get; init; }

    /// <summary>How long a blob is kept after it was last written; null: until it is deleted.</summary>
    public TimeSpan? BlobRetention { get; init; }

    /// <summary>Bytes of one account's blobs, zips included, in files or with S3; null: as many as there is room for.</summary>
    public long? BlobQuota { get; init; }

    /// <summary>Bytes of the disk below <see cref="Directory"/> that are left for others (the manager): no blob is written when fewer are free. 0: none.</summary>
    public long FreeSpaceFloor { get; init; }

    /// <summary>How much is free there now.</summary>
    internal Func<long> FreeSpace { get; init; }

    /// <summary>Tails of one account that are open at once. Default 500.</summary>
    public int MaxTailsPerAccount { get; init; } = 500;

    /// <summary>Open streams of one account. Default 20,000.</summary>
    public int MaxStreamsPerAccount { get; init; } = 20_000;

    /// <summary>Bytes of live lines of one account; beyond, a writer's own oldest lines go. Default 256 MiB.</summary>
    public long MaxLiveBytesPerAccount { get; init; } = 256L * 1024 * 1024;

    /// <summary>Bytes of live lines of all accounts in memory. Default 1 GiB. In Redis its own <c>maxmemory</c> is the bound.</summary>
    public long MaxLiveBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Bytes of lines that one account is still sending; beyond, writes are refused until it has sent some. Default 128 MiB.</summary>
    public long MaxUnfinishedBytesPerAccount { get; init; } = 128L * 1024 * 1024;

    /// <summary>Bytes of lines that all accounts are still sending; beyond, those that have more than an equal share are refused. Default 512 MiB.</summary>
    public long MaxUnfinishedBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>How often lines in memory go to disk. Default 200 ms: a killed process loses no line that was acknowledged longer ago.</summary>
    public TimeSpan JournalInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether <see cref="RedisConnectionString"/> can be read; no connection is made.</summary>
    public static bool IsRedisConnectionString(string text)
    {
        try
        {
            return StackExchange.Redis.ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
