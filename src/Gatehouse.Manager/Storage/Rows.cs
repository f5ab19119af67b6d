using Gatehouse.Contracts;

namespace Gatehouse.Manager.Storage;

#pragma warning disable CA1812 // Rows are made by EF Core.

/// <summary>A tenant.</summary>
internal sealed class AccountRow
{
    public required string Id { get; set; }
    public required string Name { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>An account's mTLS endpoint. One per account, by primary key; names unique over all accounts, by index.</summary>
internal sealed class EndpointRow
{
    public required string AccountId { get; set; }
    public required string Uuid { get; set; }
    public required string DomainPrefix { get; set; }
    public required string Fqdn { get; set; }
    public string? VanityHost { get; set; }
    public MtlsMode Mode { get; set; }

    /// <summary>Normalised PEM: certificates only, never a private key.</summary>
    public required string CaCertificates { get; set; }
    public long Generation { get; set; }
    public StaleCrlPolicy CrlPolicy { get; set; }

    /// <summary>Seconds after a CRL's nextUpdate, for <see cref="StaleCrlPolicy.Grace"/>.</summary>
    public long CrlGrace { get; set; } = (long)Limits.DefaultCrlGrace.TotalSeconds;
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Keeps the generation at which an account's endpoint went, so that gateways that were away learn of it.</summary>
internal sealed class EndpointTombstoneRow
{
    public required string AccountId { get; set; }
    public long Generation { get; set; }
    public DateTimeOffset DeletedAt { get; set; }
}

/// <summary>A prefix that was given up and is not given to another account for a while.</summary>
internal sealed class PrefixQuarantineRow
{
    public required string DomainPrefix { get; set; }

    /// <summary>Who had it: that account may take it back at once.</summary>
    public required string AccountId { get; set; }
    public DateTimeOffset Until { get; set; }
}

/// <summary>A number that only grows, raised in the transaction that it counts.</summary>
internal sealed class CounterRow
{
    /// <summary>Generation of trust over all endpoints.</summary>
    public const string TrustGeneration = "trust-generation";

    public required string Name { get; set; }
    public long Value { get; set; }
}

/// <summary>A delegate token.</summary>
internal sealed class TokenRow
{
    public required string AccountId { get; set; }
    public required string Name { get; set; }

    /// <summary>The 16 key bytes, encrypted with Data Protection.</summary>
    public required byte[] ProtectedValue { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
    public DateTimeOffset? RevokeAfter { get; set; }
}

/// <summary>A registered delegate. Heartbeats are held in memory and written in batches.</summary>
internal sealed class DelegateRow
{
    public required string Id { get; set; }
    public required string AccountId { get; set; }

    /// <summary>The registered parameters (<see cref="Delegates.DelegateFacts"/>) as JSON.</summary>
    public required string Facts { get; set; }

    /// <summary>What the gateway verified of its connection (<see cref="Delegates.DelegateOrigin"/>) as JSON.</summary>
    public required string Origin { get; set; }
    public string? TokenName { get; set; }
    public int? Capacity { get; set; }
    public DateTimeOffset RegisteredAt { get; set; }
    public DateTimeOffset LastHeartbeat { get; set; }

    /// <summary>The delegate's clock minus ours at its last heartbeat, in milliseconds.</summary>
    public long? ClockSkew { get; set; }
}

/// <summary>States of a task; only the first two are unfinished.</summary>
internal enum TaskState
{
    /// <summary>Waits for a delegate.</summary>
    QUEUED,

    /// <summary>One delegate has it.</summary>
    STARTED,
    SUCCEEDED,
    FAILED,
    ABORTED,
}

/// <summary>A task and, later, its outcome.</summary>
internal sealed class TaskRow
{
    public required string Id { get; set; }
    public required string AccountId { get; set; }
    public required string Type { get; set; }
    public TaskState State { get; set; }

    /// <summary>JSON array of the selectors as given.</summary>
    public required string Selectors { get; set; }

    /// <summary>The first parameter as JSON, encrypted: it may hold environment secrets.</summary>
    public required byte[] ProtectedData { get; set; }

    /// <summary>JSON array of the secrets as the package has them, encrypted; gone when the task is over.</summary>
    public byte[]? ProtectedSecrets { get; set; }
    public byte[]? ProtectedResult { get; set; }
    public string? Error { get; set; }
    public string? DelegateId { get; set; }
    public string? DelegateName { get; set; }
    public string? InstanceId { get; set; }

    /// <summary>JSON array of delegates that handed it back.</summary>
    public string TriedBy { get; set; } = "[]";
    public bool RunnerResponse { get; set; }

    /// <summary>Milliseconds.</summary>
    public long Timeout { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? AbortRequestedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public bool IsFinished => State is not (TaskState.QUEUED or TaskState.STARTED);
}

/// <summary>A feature flag that is not at its default.</summary>
internal sealed class FlagRow
{
    public required string AccountId { get; set; }
    public required string Name { get; set; }
    public bool On { get; set; }
}

/// <summary>One link of the audit chain; written in the transaction of the change it tells of.</summary>
internal sealed class AuditRow
{
    public long Sequence { get; set; }
    public DateTimeOffset At { get; set; }
    public required string Actor { get; set; }
    public required string Action { get; set; }
    public string? AccountId { get; set; }
    public required string Detail { get; set; }
    public required string PreviousHash { get; set; }
    public required string Hash { get; set; }
}
