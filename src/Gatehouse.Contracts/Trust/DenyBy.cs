using System.Text.Json.Serialization;

namespace Gatehouse.Contracts;

/// <summary>By what a deny-list entry recognises a certificate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DenyBy>))]
public enum DenyBy
{
    /// <summary>Serial number and issuer.</summary>
    [JsonStringEnumMemberName("serial")]
    Serial,

    /// <summary>SHA-256 of the certificate: exactly this one.</summary>
    [JsonStringEnumMemberName("sha256")]
    Sha256,

    /// <summary>SHA-256 of the public key: every certificate of this key, renewed ones included.</summary>
    [JsonStringEnumMemberName("key")]
    Key,
}
