namespace Gatehouse.Pki.Parsing;

/// <summary>The object identifiers we act on (RFC 5280, 4055, 5758, 5480, 8410).</summary>
internal static class Oids
{
    public const string Rsa = "1.2.840.113549.1.1.1";
    public const string RsaPss = "1.2.840.113549.1.1.10";
    public const string Mgf1 = "1.2.840.113549.1.1.8";
    public const string EcPublicKey = "1.2.840.10045.2.1";
    public const string P256 = "1.2.840.10045.3.1.7";
    public const string P384 = "1.3.132.0.34";
    public const string P521 = "1.3.132.0.35";
    public const string Sha1 = "1.3.14.3.2.26";
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string Sha384 = "2.16.840.1.101.3.4.2.2";
    public const string Sha512 = "2.16.840.1.101.3.4.2.3";

    public const string SubjectKeyIdentifier = "2.5.29.14";
    public const string KeyUsage = "2.5.29.15";
    public const string SubjectAltName = "2.5.29.17";
    public const string IssuerAltName = "2.5.29.18";
    public const string BasicConstraints = "2.5.29.19";
    public const string CrlNumber = "2.5.29.20";
    public const string DeltaCrlIndicator = "2.5.29.27";
    public const string IssuingDistributionPoint = "2.5.29.28";
    public const string NameConstraints = "2.5.29.30";
    public const string CrlDistributionPoints = "2.5.29.31";
    public const string CertificatePolicies = "2.5.29.32";
    public const string AnyPolicy = "2.5.29.32.0";
    public const string PolicyMappings = "2.5.29.33";
    public const string AuthorityKeyIdentifier = "2.5.29.35";
    public const string PolicyConstraints = "2.5.29.36";
    public const string ExtendedKeyUsage = "2.5.29.37";
    public const string AnyExtendedKeyUsage = "2.5.29.37.0";
    public const string FreshestCrl = "2.5.29.46";
    public const string InhibitAnyPolicy = "2.5.29.54";
    public const string AuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";

    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public const string CommonName = "2.5.4.3";
    public const string Organization = "2.5.4.10";
    public const string EmailAddress = "1.2.840.113549.1.9.1";

    /// <summary>What OpenSSL calls an extended key usage; the dotted form, cut to 40 characters, when it has no name.</summary>
    public static string PurposeName(string oid) => oid switch
    {
        ServerAuth => "serverAuth",
        ClientAuth => "clientAuth",
        AnyExtendedKeyUsage => "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        _ => PeerText.Cut(oid, 40),
    };

    /// <summary>What OpenSSL calls an extension; the dotted form, cut to 40 characters, when it has no name.</summary>
    public static string ExtensionName(string oid) => oid switch
    {
        SubjectKeyIdentifier => "subjectKeyIdentifier",
        KeyUsage => "keyUsage",
        SubjectAltName => "subjectAltName",
        BasicConstraints => "basicConstraints",
        NameConstraints => "nameConstraints",
        CertificatePolicies => "certificatePolicies",
        AuthorityKeyIdentifier => "authorityKeyIdentifier",
        ExtendedKeyUsage => "extendedKeyUsage",
        _ => PeerText.Cut(oid, 40),
    };

    /// <summary>A name for people of an algorithm we do not support; the dotted form when we know none.</summary>
    public static string AlgorithmName(string oid) => oid switch
    {
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.10040.4.3" => "DSA with SHA-1",
        "2.16.840.1.101.3.4.3.1" => "DSA with SHA-224",
        "2.16.840.1.101.3.4.3.2" => "DSA with SHA-256",
        "1.2.840.113549.1.1.14" => "RSA with SHA-224",
        "1.2.840.10045.4.3.1" => "ECDSA with SHA-224",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.33" => "P-224",
        "1.3.132.0.10" => "secp256k1",
        "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1",
        "1.3.36.3.3.2.8.1.1.11" => "brainpoolP384r1",
        _ => oid,
    };
}
