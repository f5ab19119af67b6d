using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gatehouse.Pki.Parsing;

/// <summary>How a certificate is signed.</summary>
internal sealed record SignatureScheme
{
    private static readonly SignatureScheme s_rsaSha256 = Pkcs1(HashAlgorithmName.SHA256, "SHA-256");
    private static readonly SignatureScheme s_ecdsaSha256 = Ecdsa(HashAlgorithmName.SHA256, "SHA-256");

    public SignatureKind Kind { get; init; }

    public HashAlgorithmName Hash { get; init; }

    /// <summary>Bytes of salt (PSS only).</summary>
    public int SaltLength { get; init; }

    /// <summary>True for hashes for which collisions can be made: understood so that the reason can be told, never accepted.</summary>
    public bool IsWeak => Hash == HashAlgorithmName.SHA1 || Hash == HashAlgorithmName.MD5;

    /// <summary>For people, for example <c>RSA with SHA-256</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Reads an AlgorithmIdentifier. Algorithms we do not know are a scheme of kind <see cref="SignatureKind.Unsupported"/>.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">PSS parameters outside RFC 4055.</exception>
    public static SignatureScheme Parse(ReadOnlyMemory<byte> der)
    {
        AsnReader sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        string oid = sequence.ReadObjectIdentifier();
        return oid switch
        {
            "1.2.840.113549.1.1.4" => Pkcs1(HashAlgorithmName.MD5, "MD5"),
            "1.2.840.113549.1.1.5" => Pkcs1(HashAlgorithmName.SHA1, "SHA-1"),
            "1.2.840.113549.1.1.11" => s_rsaSha256,
            "1.2.840.113549.1.1.12" => Pkcs1(HashAlgorithmName.SHA384, "SHA-384"),
            "1.2.840.113549.1.1.13" => Pkcs1(HashAlgorithmName.SHA512, "SHA-512"),
            Oids.RsaPss => PssParameters.Parse(sequence.HasData ? sequence.ReadEncodedValue() : default(ReadOnlyMemory<byte>?)).ToScheme(),
            "1.2.840.10045.4.1" => Ecdsa(HashAlgorithmName.SHA1, "SHA-1"),
            "1.2.840.10045.4.3.2" => s_ecdsaSha256,
            "1.2.840.10045.4.3.3" => Ecdsa(HashAlgorithmName.SHA384, "SHA-384"),
            "1.2.840.10045.4.3.4" => Ecdsa(HashAlgorithmName.SHA512, "SHA-512"),
            _ => new SignatureScheme { Kind = SignatureKind.Unsupported, Name = Oids.AlgorithmName(oid) },
        };
    }

    private static SignatureScheme Pkcs1(HashAlgorithmName hash, string name) =>
        new() { Kind = SignatureKind.RsaPkcs1, Hash = hash, Name = "RSA with " + name };

    private static SignatureScheme Ecdsa(HashAlgorithmName hash, string name) =>
        new() { Kind = SignatureKind.Ecdsa, Hash = hash, Name = "ECDSA with " + name };
}
