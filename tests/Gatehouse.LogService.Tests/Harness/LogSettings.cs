namespace Gatehouse.LogService.Tests.Harness;

/// <summary>What a test may set of the log service; null: its default.</summary>
internal sealed record LogSettings
{
    public string? Redis { get; init; }
    public S3Options? S3 { get; init; }
    public TimeSpan? BlobRetention { get; init; }
    public int? MaxStreamsPerAccount { get; init; }
    public long? MaxLiveBytesPerAccount { get; init; }
    public long? BlobQuota { get; init; }
    public int? MaxTailsPerAccount { get; init; }
    public long? MaxUnfinishedBytesPerAccount { get; init; }

    /// <summary>How much of the disk is free; null: as much as there is.</summary>
    public Func<long>? FreeSpace { get; init; }

    public LogServiceOptions In(string folder)
    {
        var defaults = new LogServiceOptions { Directory = "", Secret = "", GlobalToken = "" };
        return new LogServiceOptions
        {
            Directory = Path.Combine(folder, "logs"),
            Secret = LogHost.Secret,
            GlobalToken = LogHost.GlobalToken,
            RedisConnectionString = Redis,
            S3 = S3,
            BlobRetention = BlobRetention,
            MaxStreamsPerAccount = MaxStreamsPerAccount ?? defaults.MaxStreamsPerAccount,
            MaxLiveBytesPerAccount = MaxLiveBytesPerAccount ?? defaults.MaxLiveBytesPerAccount,
            BlobQuota = BlobQuota,
            MaxTailsPerAccount = MaxTailsPerAccount ?? defaults.MaxTailsPerAccount,
            MaxUnfinishedBytesPerAccount = MaxUnfinishedBytesPerAccount ?? defaults.MaxUnfinishedBytesPerAccount,
            FreeSpaceFloor = FreeSpace is null ? 0 : 1024,
            FreeSpace = FreeSpace ?? defaults.FreeSpace,
        };
    }
}
