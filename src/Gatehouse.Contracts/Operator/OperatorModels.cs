using System.Text.Json;
using System.Text.Json.Serialization;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Contracts;

#pragma warning disable CS1591 // Admin API models: fields are described where they are not plain.
/// <summary>A page of a list.</summary>
/// <param name="Items">In a stable order.</param>
/// <param name="Next">Pass as <c>after</c> for the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);

/// <summary>What a person needs to know of the running server.</summary>
public sealed record ServerView
{
    public required string Version { get; init; }
    public required string AgentDomain { get; init; }
    /// <summary>Address the agent listener is bound to, for example <c>0.0.0.0:8443</c>, with the port actually in use.</summary>
    public required string AgentListen { get; init; }
    public required int AgentPort { get; init; }
    public required IReadOnlyList<string> AgentSharedHosts { get; init; }
    /// <summary>PEM of the development root that delegates and curl must trust; null when the operator brought a certificate.</summary>
    public string? ServerCaPem { get; init; }
    public string? ServerCaPath { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
}

/// <param name="Id">1 to 64 letters, digits, <c>_</c> and <c>-</c>.</param>
/// <param name="Name">For people; the id when null.</param>
public sealed record CreateAccountRequest(string Id, string? Name = null);

public sealed record AccountView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? MtlsFqdn { get; init; }
    public MtlsMode? MtlsMode { get; init; }
    public int ConnectedDelegates { get; init; }
}

/// <param name="Name">Unique in the account.</param>
/// <param name="RevokeAfter">When it stops by itself; null never.</param>
public sealed record CreateTokenRequest(string Name, DateTimeOffset? RevokeAfter = null);

public sealed record TokenView
{
    public required string AccountId { get; init; }
    public required string Name { get; init; }
    /// <summary><c>ACTIVE</c> or <c>REVOKED</c>.</summary>
    public required string Status { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public DateTimeOffset? RevokeAfter { get; init; }
    /// <summary>32 hex digits; only in the answer that creates it.</summary>
    public string? Value { get; init; }
}

public sealed record DelegateView
{
    public required string Id { get; init; }
    public required string AccountId { get; init; }
    public required string Name { get; init; }
    public required string HostName { get; init; }
    public string? Ip { get; init; }
    public string? Type { get; init; }
    public string? Version { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public required IReadOnlyList<string> SupportedTaskTypes { get; init; }
    /// <summary><c>ENABLED</c> or <c>DELETED</c>.</summary>
    public required string Status { get; init; }
    public required bool Connected { get; init; }
    /// <summary>True when its stream is open: tasks reach it at once.</summary>
    public required bool StreamOpen { get; init; }
    public required bool Mtls { get; init; }
    public PresentedCertificate? Certificate { get; init; }
    public string? TokenName { get; init; }
    public required DateTimeOffset RegisteredAt { get; init; }
    public required DateTimeOffset LastHeartbeat { get; init; }
    /// <summary>The delegate's clock minus the server's at its last heartbeat, in seconds.</summary>
    public double? ClockSkewSeconds { get; init; }
    public int RunningTasks { get; init; }
    /// <summary>Host and port it came through.</summary>
    public string? ConnectedThrough { get; init; }
}

/// <summary>Would STRICT block anyone?</summary>
public sealed record ReadinessView
{
    public required string AccountId { get; init; }
    public string? Fqdn { get; init; }
    public MtlsMode? Mode { get; init; }
    /// <summary>True when an endpoint exists and no delegate seen in the window would be blocked.</summary>
    public required bool Ready { get; init; }
    public required string Summary { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required int DelegatesWithMtls { get; init; }
    public required IReadOnlyList<DelegateView> WouldBeBlocked { get; init; }
    /// <summary>What needs a hand soon or now: CRLs that are due or out of date, steps that would find no services under STRICT.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

public sealed record RefusalView
{
    /// <summary>Raised by every count: pass the highest seen as <c>after</c> to follow.</summary>
    public required long Sequence { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }
    public required string NextStep { get; init; }
    public string? AccountId { get; init; }
    public string? Host { get; init; }
    public string? RemoteAddress { get; init; }
    public PresentedCertificate? Certificate { get; init; }
    public required long Count { get; init; }
    public required DateTimeOffset FirstSeen { get; init; }
    public required DateTimeOffset LastSeen { get; init; }
}

public sealed record SetFlagRequest(bool On);

public sealed record FlagView(string Name, bool On, string Description);

/// <summary>Asks for a task. Exactly one of <see cref="Shell"/> and <see cref="Http"/>, or <see cref="Type"/> with <see cref="Data"/> for a type of somebody else's delegates.</summary>
public sealed record RunTaskRequest
{
    public Tasks.ShellScriptTask? Shell { get; init; }
    public Tasks.HttpCallTask? Http { get; init; }
    public string? Type { get; init; }
    public JsonElement? Data { get; init; }
    /// <summary>All of them must be among a delegate's selectors (its tags, name, host name, group).</summary>
    public IReadOnlyList<string> Selectors { get; init; } = [];
    /// <summary>Milliseconds; 10 minutes when null.</summary>
    public long? TimeoutMs { get; init; }
    /// <summary>Answer is expected as a runner response (sheet §6.4).</summary>
    public bool RunnerResponse { get; init; }
    /// <summary>Set in the task's environment by our delegate, and masked in its output and its result. Never shown again by anything; deleted when the task is over.</summary>
    public IReadOnlyDictionary<string, string>? Secrets { get; init; }
}

public sealed record TaskView
{
    public required string Id { get; init; }
    public required string AccountId { get; init; }
    public required string Type { get; init; }
    /// <summary><c>QUEUED</c>, <c>STARTED</c>, <c>SUCCEEDED</c>, <c>FAILED</c> or <c>ABORTED</c>.</summary>
    public required string Status { get; init; }
    public required IReadOnlyList<string> Selectors { get; init; }
    public string? DelegateId { get; init; }
    public string? DelegateName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public required long TimeoutMs { get; init; }
    /// <summary>The delegate's answer, as sent.</summary>
    public JsonElement? Result { get; init; }
    /// <summary>Why it failed, in a sentence.</summary>
    public string? Error { get; init; }
    public long OutputBytes { get; init; }

    /// <summary>True when nothing more will happen to it.</summary>
    [JsonIgnore]
    public bool IsFinished => Status is "SUCCEEDED" or "FAILED" or "ABORTED";
}

public sealed record AuditEntryView
{
    public required long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public string? AccountId { get; init; }
    /// <summary>JSON text about what changed; no secrets.</summary>
    public required string Detail { get; init; }
    /// <summary>SHA-256 over the previous entry's hash and this entry's fields, hex.</summary>
    public required string Hash { get; init; }
    public required string PreviousHash { get; init; }
}

/// <param name="Intact">True when every entry's hash follows from the one before.</param>
/// <param name="Entries">How many were checked.</param>
/// <param name="FirstBroken">Sequence of the first that does not fit.</param>
/// <param name="HeadHash">Hash of the last entry: write it down elsewhere to prove later that nothing was cut off.</param>
public sealed record AuditVerification(bool Intact, long Entries, long? FirstBroken, string HeadHash);

/// <summary>RFC 9457 problem with our stable <c>code</c>.</summary>
public sealed record Problem
{
    public string? Type { get; init; }
    public string? Title { get; init; }
    public int? Status { get; init; }
    public string? Detail { get; init; }
    public string? Code { get; init; }
    public string? TraceId { get; init; }
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

/// <summary>Body of a refusal: ours and the wrapper's, so that existing delegates print it.</summary>
public sealed record RefusalBody
{
    public required string Code { get; init; }
    public required string Message { get; init; }
    public required string NextStep { get; init; }
    public JsonElement? MetaData { get; init; }
    public JsonElement? Resource { get; init; }
    public required IReadOnlyList<ResponseMessage> ResponseMessages { get; init; }

    /// <summary>The body of <paramref name="refusal"/>.</summary>
    public static RefusalBody Of(Refusal refusal) => new()
    {
        Code = refusal.Code.Name(),
        Message = refusal.Message,
        NextStep = refusal.NextStep,
        ResponseMessages =
        [
            new ResponseMessage
            {
                Code = ProtocolErrorCode.InvalidAgentMtlsAuthority,
                Message = $"{refusal.Code.Name()}: {refusal.Message} {refusal.NextStep}",
            },
        ],
    };
}
