using System.Text.Json.Serialization;

namespace Gatehouse.Contracts;

/// <summary>What to do when a CRL is past its nextUpdate. Whoever is on it stays refused under each of them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StaleCrlPolicy>))]
public enum StaleCrlPolicy
{
    /// <summary>Refuse everybody the list speaks for (<see cref="RefusalCode.CrlStale"/>).</summary>
    [JsonStringEnumMemberName("strict")]
    Strict,

    /// <summary>Go on for a grace time, then refuse.</summary>
    [JsonStringEnumMemberName("grace")]
    Grace,

    /// <summary>Go on with the old list.</summary>
    [JsonStringEnumMemberName("ignore-stale")]
    IgnoreStale,
}
