namespace Gatehouse.Manager.Tokens;

/// <summary>A delegate token in memory. Whether it is good is asked of it at the moment, so no cached verdict outlives a revocation.</summary>
internal sealed class TokenEntry(string accountId, string name, byte[]? key, DateTimeOffset createdAt, DateTimeOffset? revokeAfter)
{
    private long _revokedAt; // UTC ticks; 0 = not revoked.

    public string AccountId => accountId;

    public string Name => name;

    /// <summary>The AES-128 key; null when the stored value could not be decrypted: then it fits nothing.</summary>
    public byte[]? Key => key;

    public DateTimeOffset CreatedAt => createdAt;

    public DateTimeOffset? RevokeAfter => revokeAfter;

    public DateTimeOffset? RevokedAt
    {
        get => Volatile.Read(ref _revokedAt) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        set => Volatile.Write(ref _revokedAt, value?.UtcTicks ?? 0);
    }

    /// <summary>When it stopped: by hand or by itself, at the moment and not by a job (protocol sheet §4.4 does it hourly).</summary>
    public DateTimeOffset? EndedAt(DateTimeOffset now) => RevokedAt ?? (revokeAfter <= now ? revokeAfter : null);
}
