namespace Gatehouse.Manager.Storage;

#pragma warning disable CA1812 // Rows are made by EF Core.

/// <summary>A CRL of an account. Only accounts with an endpoint have any; they go with it.</summary>
internal sealed class CrlRow
{
    public required string Id { get; set; }
    public required string AccountId { get; set; }

    /// <summary>What a later list must share to take this one's place (<see cref="Pki.RevocationListReport.Series"/>).</summary>
    public required string Series { get; set; }

    /// <summary>RFC 4514 text.</summary>
    public required string Issuer { get; set; }
    public required byte[] Der { get; set; }

    /// <summary>Of <see cref="Der"/>, upper-case hex.</summary>
    public required string Sha256 { get; set; }

    /// <summary>Bytes of <see cref="Der"/>.</summary>
    public int Size { get; set; }
    public DateTimeOffset ThisUpdate { get; set; }
    public DateTimeOffset? NextUpdate { get; set; }

    /// <summary>Upper-case hex; null when the list has none.</summary>
    public string? Number { get; set; }

    /// <summary>Certificates on it.</summary>
    public int Count { get; set; }
    public DateTimeOffset UploadedAt { get; set; }
}

/// <summary>An entry of an account's deny list. Only accounts with an endpoint have any; they go with it.</summary>
internal sealed class DeniedRow
{
    public required string Id { get; set; }
    public required string AccountId { get; set; }
    public Contracts.DenyBy Kind { get; set; }

    /// <summary>Upper-case hex, normalized.</summary>
    public required string Value { get; set; }

    /// <summary><c>#</c> and the hex of the issuer's DER name; empty, not null, for kinds without, so that the unique index holds for them too.</summary>
    public required string IssuerName { get; set; }

    /// <summary>The issuer for people; null for kinds without.</summary>
    public string? Issuer { get; set; }
    public string? Note { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public required string CreatedBy { get; set; }
}
