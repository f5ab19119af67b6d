namespace Gatehouse.Contracts;

#pragma warning disable CS1591 // Admin API models: fields are described where they are not plain.

/// <summary>An account's CRL.</summary>
public sealed record CrlView
{
    public required string Id { get; init; }
    /// <summary>RFC 4514 text.</summary>
    public required string Issuer { get; init; }
    /// <summary>CRL number, upper-case hex; null when it has none.</summary>
    public string? Number { get; init; }
    public required DateTimeOffset ThisUpdate { get; init; }
    /// <summary>Null: it does not say, and never counts as out of date.</summary>
    public DateTimeOffset? NextUpdate { get; init; }
    /// <summary>Until <see cref="NextUpdate"/>, one decimal, below zero when past it; null as that is.</summary>
    public double? DaysLeft { get; init; }
    /// <summary><c>CURRENT</c>, <c>DUE</c> (near its nextUpdate: upload the next one), <c>STALE</c> (past it, and the policy goes on), or <c>REFUSING</c> (past it, and everybody it speaks for is refused).</summary>
    public required string State { get; init; }
    /// <summary>What to do and until when, unless <see cref="State"/> is <c>CURRENT</c>.</summary>
    public string? Warning { get; init; }
    /// <summary>Of the DER, upper-case hex.</summary>
    public required string Sha256 { get; init; }
    /// <summary>Number of certificates on it.</summary>
    public required int Count { get; init; }
    /// <summary>Size of the DER.</summary>
    public required int Bytes { get; init; }
    public required DateTimeOffset UploadedAt { get; init; }
}

/// <param name="Crl">As it is stored now.</param>
/// <param name="Changed">False when exactly this list was there already.</param>
/// <param name="Replaced">The list whose place it took.</param>
/// <param name="Warnings">What works but deserves a look.</param>
public sealed record CrlUploadView(CrlView Crl, bool Changed, CrlView? Replaced, IReadOnlyList<string> Warnings);

/// <param name="Policy">For lists past their nextUpdate.</param>
/// <param name="GraceSeconds">Time after nextUpdate; counts with <see cref="StaleCrlPolicy.Grace"/> only.</param>
public sealed record CrlPolicyView(StaleCrlPolicy Policy, long GraceSeconds);

/// <param name="Policy"><c>strict</c>, <c>grace</c> or <c>ignore-stale</c>: text, so that a wrong value gets its sentence. Null: as it is.</param>
/// <param name="GraceSeconds">1 s to <see cref="Limits.MaxCrlGrace"/>. Null: as it is.</param>
public sealed record SetCrlPolicyRequest(string? Policy, long? GraceSeconds = null);

/// <summary>Asks to deny a certificate.</summary>
public sealed record DenyRequest
{
    /// <summary><c>serial</c>, <c>sha256</c> or <c>key</c>.</summary>
    public string? Kind { get; init; }
    /// <summary>Hex, colons and what OpenSSL prints before it allowed.</summary>
    public string? Value { get; init; }
    /// <summary>With <c>serial</c> only: <c>CN=CA Cert,O=Example ORG</c>, <c>/O=Example ORG/CN=CA Cert</c>, or <c>#</c> and the hex of the DER.</summary>
    public string? Issuer { get; init; }
    /// <summary>For people: why. At most <see cref="Limits.MaxDenyNote"/> characters.</summary>
    public string? Note { get; init; }
}

/// <summary>An entry of an account's deny list.</summary>
public sealed record DeniedView
{
    public required string Id { get; init; }
    public required DenyBy Kind { get; init; }
    /// <summary>Upper-case hex.</summary>
    public required string Value { get; init; }
    /// <summary>RFC 4514 text; null unless <see cref="Kind"/> is <see cref="DenyBy.Serial"/>.</summary>
    public string? Issuer { get; init; }
    public string? Note { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
}

/// <summary>What an account has revoked, in short.</summary>
public sealed record RevocationView
{
    public required CrlPolicyView Policy { get; init; }
    public required IReadOnlyList<CrlView> Crls { get; init; }
    /// <summary>Entries of the deny list.</summary>
    public required int Denied { get; init; }
}
