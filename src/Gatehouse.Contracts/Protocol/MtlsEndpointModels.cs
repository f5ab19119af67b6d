namespace Gatehouse.Contracts.Protocol;

/// <summary>Body of the mTLS endpoint API (sheet §2.2). PATCH takes any non-empty subset; <c>mode</c> is text so that a wrong value gets its sentence.</summary>
public sealed record MtlsEndpointRequest
{
    /// <summary>One DNS label; lower-cased at the door.</summary>
    public string? DomainPrefix { get; init; }

    /// <summary>PEM, 1 to <see cref="Limits.MaxCaCertificates"/> CA certificates.</summary>
    public string? CaCertificates { get; init; }

    /// <summary><c>LOOSE</c> or <c>STRICT</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Ours: the account's own host name on the mTLS port. Empty text in a PATCH removes it.</summary>
    public string? VanityHost { get; init; }
}

/// <summary>Resource of the mTLS endpoint API; the first five fields are the protocol's, the rest ours. Null fields are left out.</summary>
public sealed record MtlsEndpointDetails
{
#pragma warning disable CS1591 // See MtlsEndpointRequest.
    public required string Uuid { get; init; }
    public required string AccountId { get; init; }
    public required string Fqdn { get; init; }
    public required string CaCertificates { get; init; }
    public required MtlsMode Mode { get; init; }
    public required string DomainPrefix { get; init; }
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public string? VanityHost { get; init; }
    public required long Generation { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>In the answer of GET, when the account has CRLs or a deny list.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public RevocationView? Revocation { get; init; }
}
