using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.Protocol;

/// <summary>Body of register and heartbeat, and the frame a delegate sends on the stream (sheet §5.3, §5.8). Unknown fields are ignored.</summary>
/// <remarks><c>delegateRandomToken</c>, in which one public client sends its raw secret, is left out on purpose: it is never read, logged or stored.</remarks>
public sealed record DelegateParams
{
#pragma warning disable CS1591 // Wire fields: see the sheet's table.
    public string? AccountId { get; init; }
    public string? DelegateId { get; init; }
    public string? DelegateName { get; init; }
    public string? HostName { get; init; }
    public string? Ip { get; init; }
    public string? DelegateType { get; init; }
    public string? DelegateGroupName { get; init; }
    public string? DelegateGroupId { get; init; }
    public string? DelegateProfileId { get; init; }
    public string? DelegateConnectionId { get; init; }
    public string? Description { get; init; }
    public string? Version { get; init; }
    public string? Location { get; init; }
    public string? OrgIdentifier { get; init; }
    public string? ProjectIdentifier { get; init; }
    public string? TokenName { get; init; }
    public string? SessionIdentifier { get; init; }
    public long LastHeartBeat { get; init; }
    public bool Ng { get; init; }
    public bool PollingModeEnabled { get; init; }
    public bool HeartbeatAsObject { get; init; }
    public bool KeepAlivePacket { get; init; }
    public bool Immutable { get; init; }
    public IReadOnlyList<string>? SupportedTaskTypes { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
    public IReadOnlyList<string>? CurrentlyExecutingDelegateTasks { get; init; }
#pragma warning restore CS1591

    /// <summary>A string from one public client, a number from another.</summary>
    [JsonConverter(typeof(LenientTextConverter))]
    public string? SequenceNum { get; init; }

    /// <summary>On the stream: a fresh credential (the compact JWE) for this frame. Secret.</summary>
    public string? Token { get; init; }
}
