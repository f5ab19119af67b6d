using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gatehouse.Pki.Parsing;

/// <summary>RSASSA-PSS-params (RFC 4055 §3.1), both of a signature and as the restriction within a key.</summary>
internal sealed record PssParameters(HashAlgorithmName Hash, int SaltLength)
{
    private static readonly Asn1Tag s_hash = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_mask = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag s_salt = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_trailer = new(TagClass.ContextSpecific, 3);

    /// <summary>Reads the parameters; null stands for absent ones, whose defaults are SHA-1.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">Mask and hash differ, or values nobody uses.</exception>
    public static PssParameters Parse(ReadOnlyMemory<byte>? der)
    {
        HashAlgorithmName hash = HashAlgorithmName.SHA1, mask = HashAlgorithmName.SHA1;
        int salt = 20;
        if (der is { } bytes)
        {
            AsnReader sequence = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
            if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(s_hash))
                hash = ReadHash(sequence.ReadSequence(s_hash));
            if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(s_mask))
            {
                AsnReader algorithm = sequence.ReadSequence(s_mask).ReadSequence();
                if (algorithm.ReadObjectIdentifier() != Oids.Mgf1)
                    throw new CertificateFormatException("uses an RSA-PSS mask function other than MGF1");
                mask = ReadHash(algorithm);
            }

            if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(s_salt)
                && (!sequence.ReadSequence(s_salt).TryReadInt32(out salt) || salt is < 0 or > 1024))
            {
                throw new CertificateFormatException("has an RSA-PSS salt length out of range");
            }

            if (sequence.HasData && (!sequence.ReadSequence(s_trailer).TryReadInt32(out int trailer) || trailer != 1))
                throw new CertificateFormatException("has an unknown RSA-PSS trailer");
            sequence.ThrowIfNotEmpty();
        }

        return hash == mask ? new PssParameters(hash, salt) : throw new CertificateFormatException("uses two different hashes for RSA-PSS, which is not supported");
    }

    /// <summary>The scheme of a signature with these parameters.</summary>
    public SignatureScheme ToScheme() => new()
    {
        Kind = SignatureKind.RsaPss,
        Hash = Hash,
        SaltLength = SaltLength,
        Name = "RSA-PSS with " + Hash.Name!.Insert(3, "-"),
    };

    private static HashAlgorithmName ReadHash(AsnReader reader)
    {
        string oid = reader.ReadSequence().ReadObjectIdentifier();
        return oid switch
        {
            Oids.Sha1 => HashAlgorithmName.SHA1,
            Oids.Sha256 => HashAlgorithmName.SHA256,
            Oids.Sha384 => HashAlgorithmName.SHA384,
            Oids.Sha512 => HashAlgorithmName.SHA512,
            _ => throw new CertificateFormatException($"uses RSA-PSS with the unsupported hash {oid}"),
        };
    }
}
