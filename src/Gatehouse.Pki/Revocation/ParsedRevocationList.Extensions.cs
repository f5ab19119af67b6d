using System.Formats.Asn1;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <content>The extensions of the list (RFC 5280 §5.2).</content>
internal sealed partial class ParsedRevocationList
{
    /// <summary>CRL number, upper-case hex; null when absent.</summary>
    public string? Number { get; private set; }

    /// <summary>Key identifier of the issuer; null when absent. A hint for people: whose key it was is found by trying.</summary>
    public ReadOnlyMemory<byte>? AuthorityKeyId { get; private set; }

    /// <summary>Null when absent: then the list speaks for every certificate of its issuer.</summary>
    public IssuingDistributionPoint? Scope { get; private set; }

    /// <summary>True when the CA publishes delta CRLs beside this list (§5.2.6): newer revocations may stand there, and we do not read them.</summary>
    public bool HasDeltas { get; private set; }

    private void ReadExtensions(AsnReader tbs, bool isVersion2)
    {
        AsnReader wrapper = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        AsnReader extensions = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        if (!isVersion2)
            throw new CertificateFormatException("has extensions although it is version 1. Have the CA issue a version 2 list");
        var seen = new HashSet<string>();
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            bool critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            byte[] value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!seen.Add(oid))
                throw new CertificateFormatException($"has the extension {oid} twice. Have the CA issue it again");
            ReadExtension(oid, critical, value);
        }
    }

    private void ReadExtension(string oid, bool critical, byte[] value)
    {
        switch (oid)
        {
            case Oids.CrlNumber:
                Number = CertificateFacts.SerialText(new AsnReader(value, AsnEncodingRules.DER).ReadIntegerBytes().Span);
                break;
            case Oids.DeltaCrlIndicator:
                throw new CertificateFormatException("is a delta CRL (RFC 5280 §5.2.4): it holds the changes since another list only. Upload the CA's complete CRL instead, and again whenever it changes");
            case Oids.IssuingDistributionPoint:
                Scope = IssuingDistributionPoint.Parse(value, Issuer);
                if (Scope.IsIndirect)
                    throw new CertificateFormatException("is an indirect CRL: it speaks of certificates of other CAs too, which is not supported. Upload the CRL that each CA signs for itself, or use the deny list");
                break;
            case Oids.FreshestCrl:
                HasDeltas = true;
                break;
            case Oids.AuthorityKeyIdentifier:
                AsnReader sequence = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
                var keyId = new Asn1Tag(TagClass.ContextSpecific, 0);
                if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(keyId))
                    AuthorityKeyId = sequence.ReadOctetString(keyId);
                break;
            case Oids.IssuerAltName or Oids.AuthorityInfoAccess:
                break; // Nothing is fetched.
            default:
                if (critical)
                    throw new CertificateFormatException($"has the critical extension {oid}, which is not supported, so it may mean something else than it seems. Have the CA issue a CRL without that extension");
                break;
        }
    }
}
