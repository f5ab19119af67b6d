namespace Gatehouse.Contracts.Protocol;

#pragma warning disable CS1591 // Wire fields: see the sheet's tables.
/// <summary>Resource of register (sheet §5.4).</summary>
public sealed record DelegateRegisterResponse
{
    public string? DelegateId { get; init; }
    /// <summary><c>SELF_DESTRUCT</c>, <c>MIGRATE</c> or null.</summary>
    public string? Action { get; init; }
    public string? MigrateUrl { get; init; }
    public string? SequenceNum { get; init; }
    public string? DelegateRandomToken { get; init; }
}

/// <summary>Resource of heartbeat (sheet §5.5): an unknown or deleted delegate is told so by <c>status: DELETED</c>, not by a 404.</summary>
public sealed record DelegateHeartbeatResponse
{
    public string? DelegateId { get; init; }
    /// <summary><c>ENABLED</c>, <c>WAITING_FOR_APPROVAL</c>, <c>DISABLED</c> or <c>DELETED</c>.</summary>
    public required string Status { get; init; }
    public bool UseCdn { get; init; }
    public string? JreVersion { get; init; }
    public string? DelegateRandomToken { get; init; }
    public string? SequenceNumber { get; init; }
}

/// <summary>Body of unregister.</summary>
public sealed record UnregisterDelegateRequest
{
    public string? DelegateId { get; init; }
    public string? HostName { get; init; }
    public bool Ng { get; init; }
    public string? DelegateType { get; init; }
    public string? IpAddress { get; init; }
    public string? OrgIdentifier { get; init; }
    public string? ProjectIdentifier { get; init; }
}

/// <summary>One thing to do; on the wire and in frames <c>eventType</c> comes first, compact (sheet §5.6).</summary>
public sealed record DelegateTaskEvent
{
    public const string Task = "DelegateTaskEvent";
    public const string Abort = "DelegateTaskAbortEvent";

    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public required string EventType { get; init; }
    public required string AccountId { get; init; }
    public required string DelegateTaskId { get; init; }
    public bool Sync { get; init; }
    public string? TaskType { get; init; }
}

/// <summary>Answer of task-events, unwrapped.</summary>
public sealed record DelegateTaskEventsResponse(IReadOnlyList<DelegateTaskEvent> DelegateTaskEvents);

/// <summary>Frame that answers a heartbeat on the stream.</summary>
public sealed record DelegateHeartbeatFrame
{
    public const string Type = "DelegateHeartbeatResponseStreaming";

    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public string EventType { get; init; } = Type;
    public required string DelegateId { get; init; }
    public required string Status { get; init; }
    public long ResponseSentAt { get; init; }
}

public sealed record DelegateCapacityRequest(int MaximumNumberOfBuilds);

/// <summary>Answer of configuration, unwrapped.</summary>
public sealed record DelegateConfiguration
{
    public IReadOnlyList<string> DelegateVersions { get; init; } = [];
    public string? Action { get; init; }
    public long? ValidUntil { get; init; }
    public bool ValidTillNextRelease { get; init; }
}

public sealed record DelegateProfile
{
    public string? Name { get; init; }
    public string? ProfileId { get; init; }
    public long ProfileLastUpdatedAt { get; init; }
    public string? ScriptContent { get; init; }
}

public sealed record LoggingToken(string ProjectId, string TokenValue, long ExpirationTimeMillis);

/// <summary>Resource of upgrade-check (sheet §7.2).</summary>
public sealed record UpgradeCheck(string ImageTag, bool ShouldUpgrade);
