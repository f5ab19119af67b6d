using System.Security.Cryptography;
using Gatehouse.Pki.Revocation;

namespace Gatehouse.Pki;

/// <summary>
/// A complete certificate revocation list (RFC 5280 §5), taken apart once. Immutable and safe to share between threads. Beside its DER it
/// keeps four bytes for each entry; dates and reasons are read when a certificate is found on it.
/// </summary>
/// <remarks>Its signature is not judged here: that takes the issuer's certificate (<see cref="RevocationListCheck"/>, and each verification).</remarks>
public sealed class CertificateRevocationList
{
    /// <summary>Largest DER, in bytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Most entries.</summary>
    public const int MaxEntries = 200_000;

    private readonly ParsedRevocationList _parsed;
    private string? _sha256;

    private CertificateRevocationList(ParsedRevocationList parsed) => _parsed = parsed;

    /// <summary>The encoded list.</summary>
    public ReadOnlyMemory<byte> Der => _parsed.Der;

    /// <summary>Who issued it: RFC 4514 text, control characters escaped, at most 512 characters.</summary>
    public string Issuer => _parsed.Issuer.Text;

    /// <summary>When it was issued, UTC.</summary>
    public DateTimeOffset ThisUpdate => _parsed.ThisUpdate;

    /// <summary>When the next one is due at the latest, UTC; null when it does not say, and then it never counts as old.</summary>
    public DateTimeOffset? NextUpdate => _parsed.NextUpdate;

    /// <summary>CRL number, upper-case hex; null when it has none.</summary>
    public string? Number => _parsed.Number;

    /// <summary>Fingerprint of the DER, upper-case hex without colons.</summary>
    public string Sha256 => _sha256 ??= Convert.ToHexString(SHA256.HashData(Der.Span));

    /// <summary>Number of entries.</summary>
    public int Count => _parsed.Entries.Count;

    internal ParsedRevocationList Parsed => _parsed;

    /// <summary>Reads a list from a file's bytes; they are copied.</summary>
    /// <param name="pemOrDer">One PEM block <c>X509 CRL</c> (text around it does no harm), or DER.</param>
    /// <exception cref="RevocationListException">Not one complete CRL that we can judge by; the message says why and what to do.</exception>
    public static CertificateRevocationList Parse(ReadOnlyMemory<byte> pemOrDer) =>
        new(ParsedRevocationList.Parse(RevocationListFile.Open(pemOrDer)));
}
