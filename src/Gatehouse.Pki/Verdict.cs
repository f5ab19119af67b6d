using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <summary>The outcome of judging a client certificate. The default of <see cref="Accepted"/> refuses.</summary>
public sealed record Verdict
{
    private CertificateFacts? _leaf;
    private string? _message;

    /// <summary>True only when a path to a trusted CA passed every rule.</summary>
    public bool Accepted { get; init; }

    /// <summary>What is wrong; null when accepted.</summary>
    public CertificateFault? Fault { get; init; }

    /// <summary>What is wrong in plain words, with the facts that show it: no secrets, peer text bounded and escaped.</summary>
    public string Message
    {
        get => _message ??= !Accepted || Certificate is null ? "" : $"The client certificate \"{Wording.Name(Certificate.Subject)}\" was issued by a CA of the account.";
        init => _message = value;
    }

    /// <summary>The way out, one sentence for the owner of the account; empty when accepted.</summary>
    public string NextStep { get; init; } = "";

    /// <summary>The certificate that was shown; null when it cannot be read.</summary>
    public CertificateFacts? Leaf => _leaf ??= Certificate is { } certificate ? CertificateFacts.Of(certificate) : null;

    /// <summary>SHA-256 (upper-case hex of the DER) of the trusted CA certificate the accepted path ends in; null when refused.</summary>
    public string? AnchorSha256 { get; init; }

    /// <summary>
    /// When this verdict stops holding by itself: the earliest notAfter on the accepted path, the CA's included, or the time at which the policy for
    /// CRLs turns it (nextUpdate of a list that speaks for the path, with the grace time). Null when refused.
    /// </summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Who signed what on the accepted path, for whoever judges the same certificates again; null when refused.</summary>
    public KnownSignatures? Signatures { get; init; }

    /// <summary>What <see cref="Leaf"/>, and the message of acceptance, are written from when somebody asks: most handshakes need no sentence and no hex.</summary>
    internal ParsedCertificate? Certificate { get; init; }
}
