using System.Text.Json.Serialization;

namespace Gatehouse.Contracts;

/// <summary>What an account's mTLS endpoint demands of delegates. Names are the wire's (protocol sheet §2.2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MtlsMode>))]
public enum MtlsMode
{
    /// <summary>Delegates with and without a client certificate are accepted; a bad certificate never is.</summary>
    LOOSE,

    /// <summary>Only delegates with a client certificate of the account's CA are accepted, on every way in.</summary>
    STRICT,
}
