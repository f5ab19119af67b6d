using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>The gateway's judgement of one connection at one generation of trust.</summary>
internal sealed class ConnectionVerdict : HandshakeOutcome
{
    private ConnectionVerdict(Refusal? refusal, string? authority, PresentedCertificate? certificate, DateTimeOffset? validUntil, KnownSignatures? signatures)
    {
        Refusal = refusal;
        Authority = authority;
        Certificate = certificate;
        ValidUntil = validUntil;
        Signatures = signatures;
    }

    public override bool IsAccepted => Refusal is null;

    public override TlsAlert Alert => Refusal?.Code switch
    {
        RefusalCode.CertificateExpired or RefusalCode.CertificateNotYetValid => TlsAlert.CertificateExpired,
        RefusalCode.CertificateRevoked or RefusalCode.CertificateDenied => TlsAlert.CertificateRevoked,
        RefusalCode.CertificateUnknownCa or RefusalCode.CertificateChainIncomplete or RefusalCode.TrustUnusable => TlsAlert.UnknownCa,
        RefusalCode.CertificatePurpose or RefusalCode.CertificateIssuerNotCa => TlsAlert.UnsupportedCertificate,
        RefusalCode.ClientCertificateRequired => TlsAlert.CertificateRequired,
        _ => TlsAlert.BadCertificate,
    };

    /// <summary>Why it was turned away; null when accepted.</summary>
    public Refusal? Refusal { get; }

    /// <summary>The endpoint's FQDN when a certificate was verified; null when admitted without.</summary>
    public string? Authority { get; }

    public PresentedCertificate? Certificate { get; }

    /// <summary>When the verdict ends by itself: the earliest notAfter of the accepted chain, or when a CRL that speaks for it runs out.</summary>
    public DateTimeOffset? ValidUntil { get; }

    /// <summary>Who signed the accepted chain, so that judging it again is cheap; null without one. It holds the chain's bytes, so only a connection's own verdict has it.</summary>
    public KnownSignatures? Signatures { get; }

    /// <summary>True for a verified certificate whose chain and CRLs have not run out at <paramref name="now"/>.</summary>
    public bool HoldsAt(DateTimeOffset now) => Authority is not null && Certificate?.NotBefore <= now && now < ValidUntil;

    /// <summary>The same with another memory of the chain's signatures, or none.</summary>
    public ConnectionVerdict With(KnownSignatures? signatures) =>
        ReferenceEquals(signatures, Signatures) ? this : new(Refusal, Authority, Certificate, ValidUntil, signatures);

    public static ConnectionVerdict Plain() => new(null, null, null, null, null);

    public static ConnectionVerdict Mtls(string authority, PresentedCertificate certificate, DateTimeOffset? validUntil, KnownSignatures? signatures = null) =>
        new(null, authority, certificate, validUntil, signatures);

    public static ConnectionVerdict Refused(Refusal refusal) => new(refusal, null, refusal.Certificate, null, null);
}
