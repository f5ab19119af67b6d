using System.Collections.Frozen;
using System.Text.Json.Serialization;

namespace Gatehouse.Manager.Delegates;

/// <summary>What a delegate said of itself when it registered; replaced as a whole, never changed.</summary>
internal sealed record DelegateFacts
{
    public required string Name { get; init; }
    public required string HostName { get; init; }
    public string? Ip { get; init; }
    public string? Type { get; init; }
    public string? Version { get; init; }
    public string? Description { get; init; }
    public string? GroupName { get; init; }
    public string? ProfileId { get; init; }
    public bool Ng { get; init; }
    public bool Immutable { get; init; }
    public required string[] Tags { get; init; }
    public required string[] TaskTypes { get; init; }

    /// <summary>What selectors are looked up in: tags, name, host name and group, lower-cased (protocol sheet §6.2).</summary>
    [JsonIgnore]
    public FrozenSet<string> Selectors => field ??= ((string?[])[.. Tags, Name, HostName, GroupName])
        .Where(text => !string.IsNullOrWhiteSpace(text)).Select(text => text!.Trim().ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal);

    [JsonIgnore]
    public FrozenSet<string> TaskTypeSet => field ??= TaskTypes.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>By value, the lists included: a delegate that says the same again changes nothing.</summary>
    public bool Equals(DelegateFacts? other) => other is not null &&
        (Name, HostName, Ip, Type, Version) == (other.Name, other.HostName, other.Ip, other.Type, other.Version) &&
        (Description, GroupName, ProfileId, Ng, Immutable) == (other.Description, other.GroupName, other.ProfileId, other.Ng, other.Immutable) &&
        Tags.AsSpan().SequenceEqual(other.Tags) && TaskTypes.AsSpan().SequenceEqual(other.TaskTypes);

    public override int GetHashCode() => HashCode.Combine(Name, HostName, Ip, Type);
}
