using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.Protocol;

/// <summary>Answer of acquire v2, unwrapped (sheet §6.3). Snake-case names are the wire's.</summary>
public sealed record DelegateTaskPackage
{
#pragma warning disable CS1591 // Wire fields: see the sheet's table.
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required JsonElement Data { get; init; }
    public bool Async { get; init; }
    /// <summary>Milliseconds.</summary>
    public long Timeout { get; init; }
    public DelegateTaskLogging? Logging { get; init; }
    public DelegateInfo? Delegate { get; init; }
    public IReadOnlyList<JsonElement>? Capabilities { get; init; }
    [JsonPropertyName("encryption_configs")] public JsonElement? EncryptionConfigs { get; init; }
    [JsonPropertyName("secret_details")] public JsonElement? SecretDetails { get; init; }
    /// <summary>Of this server's tasks: objects with <c>name</c> and <c>value</c>, for the environment; their values are masked in output and result.</summary>
    public IReadOnlyList<JsonElement> Secrets { get; init; } = [];
    public bool RunnerResponse { get; init; }
    /// <summary>An addition of ours, which other clients pass over: see <see cref="TaskServices"/>.</summary>
    public TaskServices? Services { get; init; }
}

public sealed record DelegateTaskLogging(string Token, IReadOnlyDictionary<string, string> Abstractions);

public sealed record DelegateInfo
{
    public required string Id { get; init; }
    [JsonPropertyName("instance_id")] public required string InstanceId { get; init; }
    public string? Token { get; init; }
}
