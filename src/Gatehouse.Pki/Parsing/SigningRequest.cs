using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gatehouse.Pki.Parsing;

/// <summary>A certificate request (PKCS#10, RFC 2986). Only its subject, its key and its names are ever taken over; what else it asks for is listed.</summary>
internal sealed class SigningRequest
{
    private const string ExtensionRequest = "1.2.840.113549.1.9.14";

    private SigningRequest(DistinguishedName subject, PublicKeyInfo key) => (Subject, Key) = (subject, key);

    public DistinguishedName Subject { get; }

    public PublicKeyInfo Key { get; }

    /// <summary>The value of the subject alternative name extension it asks for; null when it asks for none.</summary>
    public byte[]? AlternativeNamesDer { get; private set; }

    public List<GeneralName> AlternativeNames { get; private set; } = [];

    /// <summary>Extensions it asks for besides, by OID.</summary>
    public List<string> OtherExtensions { get; } = [];

    /// <summary>True when it is signed with its own key: whoever made it has that key.</summary>
    public bool IsSelfSigned { get; private set; }

    /// <summary>Reads a request; null, and why, when it cannot be read. Never throws for any bytes.</summary>
    public static SigningRequest? TryParse(ReadOnlyMemory<byte> der, out string why)
    {
        why = "";
        if (der.Length > ParsedCertificate.MaxBytes)
        {
            why = $"is {der.Length} bytes long; at most {ParsedCertificate.MaxBytes} are allowed";
            return null;
        }

        try
        {
            return Read(der);
        }
        catch (CertificateFormatException e)
        {
            why = e.Message;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException or OverflowException)
        {
            why = "is not a well-formed certificate request (PKCS#10)";
        }

        return null;
    }

    private static SigningRequest Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader request = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> signed = request.PeekEncodedValue();
        AsnReader info = request.ReadSequence();
        SignatureScheme scheme = SignatureScheme.Parse(request.ReadEncodedValue());
        byte[] signature = request.ReadBitString(out int unused);
        request.ThrowIfNotEmpty();
        if (unused != 0 || !info.TryReadInt32(out int version) || version != 0)
            throw new CertificateFormatException("is not a certificate request of version 1");
        var read = new SigningRequest(DistinguishedName.Read(info), PublicKeyInfo.Parse(info.ReadEncodedValue()));
        var attributes = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (info.HasData && info.PeekTag().HasSameClassAndValue(attributes))
            read.ReadAttributes(info.ReadSetOf(skipSortOrderValidation: true, attributes));
        info.ThrowIfNotEmpty();
        read.IsSelfSigned = read.Verifies(scheme, signed.Span, signature);
        return read;
    }

    private void ReadAttributes(AsnReader attributes)
    {
        while (attributes.HasData)
        {
            AsnReader attribute = attributes.ReadSequence();
            string oid = attribute.ReadObjectIdentifier();
            AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
            if (oid != ExtensionRequest)
                continue; // A challenge password, a friendly name: nothing for a certificate.
            for (AsnReader extensions = values.ReadSequence(); extensions.HasData;)
                ReadExtension(extensions.ReadSequence());
        }
    }

    private void ReadExtension(AsnReader extension)
    {
        string oid = extension.ReadObjectIdentifier();
        if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            extension.ReadBoolean();
        byte[] value = extension.ReadOctetString();
        if (oid != Oids.SubjectAltName)
        {
            OtherExtensions.Add(oid);
            return;
        }

        AlternativeNames = GeneralName.ReadAll(value);
        AlternativeNamesDer = value;
    }

    private bool Verifies(SignatureScheme scheme, ReadOnlySpan<byte> data, byte[] signature)
    {
        if (Key.Objection is not null || !Verification.SignatureCheck.IsPossible(scheme, Key))
            return false;
        try
        {
            using AsymmetricAlgorithm key = Key.Import();
            return key is ECDsa ec
                ? ec.VerifyData(data, signature, scheme.Hash, DSASignatureFormat.Rfc3279DerSequence)
                : ((RSA)key).VerifyData(data, signature, scheme.Hash, scheme.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return false; // A point off the curve, a hash the platform no longer does.
        }
    }
}
