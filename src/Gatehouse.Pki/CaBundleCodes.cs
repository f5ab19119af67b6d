namespace Gatehouse.Pki;

/// <summary>The stable codes of <see cref="CaBundleFinding.Code"/>.</summary>
public static class CaBundleCodes
{
    /// <summary>Error: no text, or no certificate in it.</summary>
    public const string CaMissing = "ca_missing";

    /// <summary>Error: no PEM block at all (DER, PKCS#12, or something else).</summary>
    public const string NotPem = "not_pem";

    /// <summary>Error: a private key is in the text; it must count as exposed.</summary>
    public const string PrivateKey = "private_key";

    /// <summary>Error: a PEM block that is no certificate, for example a request or a CRL.</summary>
    public const string UnexpectedBlock = "unexpected_block";

    /// <summary>Error: a leaf, or another certificate that may not sign certificates.</summary>
    public const string NotACa = "not_a_ca";

    /// <summary>Error: key usage is present and lacks keyCertSign.</summary>
    public const string KeyUsage = "key_usage";

    /// <summary>Error: extended key usage is present and lacks clientAuth, so it can issue no client certificates.</summary>
    public const string ExtendedKeyUsage = "extended_key_usage";

    /// <summary>Error: past its notAfter.</summary>
    public const string Expired = "expired";

    /// <summary>Warning: before its notBefore.</summary>
    public const string NotYetValid = "not_yet_valid";

    /// <summary>Warning: expires within 30 days.</summary>
    public const string ExpiresSoon = "expires_soon";

    /// <summary>Error: RSA below 2048 bits, or another curve than P-256, P-384, P-521.</summary>
    public const string WeakKey = "weak_key";

    /// <summary>Error on an intermediate, warning on a self-signed root: SHA-1 or MD5.</summary>
    public const string WeakSignature = "weak_signature";

    /// <summary>Error: more than 16 certificates.</summary>
    public const string TooMany = "too_many";

    /// <summary>Error: text above 256 KiB, certificate above 16 KiB, or RSA key above 8192 bits.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Error: a block that cannot be read.</summary>
    public const string Malformed = "malformed";

    /// <summary>Error: a critical extension or an algorithm that is not supported.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>Warning: an X.509 v1 root; nothing in it says it is a CA.</summary>
    public const string VersionOneRoot = "version_1_root";

    /// <summary>Warning: the same certificate twice; one is kept.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Warning: two CAs with one subject and no key identifiers; both are tried.</summary>
    public const string DuplicateSubject = "duplicate_subject";

    /// <summary>Warning: looks like a publicly trusted CA, from which anyone can get a certificate. A hint by name, not proof.</summary>
    public const string PublicCa = "public_ca";
}
