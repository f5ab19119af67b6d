using System.Formats.Asn1;
using System.Numerics;

namespace Gatehouse.Pki.Parsing;

/// <content>The extensions (RFC 5280 §4.2).</content>
internal sealed partial class ParsedCertificate
{
    /// <summary>True when an unknown extension is critical (§4.2): <see cref="Problem"/> then names it, unless something is damaged as well.</summary>
    public bool HasUnsupportedExtension { get; private set; }

    /// <summary>True when the basic constraints extension is there.</summary>
    public bool HasBasicConstraints { get; private set; }

    /// <summary>True when it says CA:TRUE.</summary>
    public bool IsCa { get; private set; }

    /// <summary>Its path length; null sets no limit.</summary>
    public int? PathLength { get; private set; }

    /// <summary>Null when absent.</summary>
    public KeyUsages? KeyUsage { get; private set; }

    /// <summary>Extended key usages; null when absent.</summary>
    public List<string>? ExtendedKeyUsages { get; private set; }

    public ReadOnlyMemory<byte>? SubjectKeyId { get; private set; }

    public ReadOnlyMemory<byte>? AuthorityKeyId { get; private set; }

    /// <summary>Issuer of the issuer's own certificate, when the authority key identifier names it.</summary>
    public DistinguishedName? AuthorityCertIssuer { get; private set; }

    /// <summary>Subject alternative names; empty when absent.</summary>
    public List<GeneralName> AlternativeNames { get; private set; } = [];

    public NameConstraints? NameConstraints { get; private set; }

    /// <summary>Certificate policies; null when absent.</summary>
    public HashSet<string>? Policies { get; private set; }

    public List<PolicyMapping> PolicyMappings { get; private set; } = [];

    /// <summary>The value of the CRL distribution points extension, not taken apart; null when absent.</summary>
    public ReadOnlyMemory<byte>? CrlDistributionPoints { get; private set; }

    public int? RequireExplicitPolicy { get; private set; }

    public int? InhibitPolicyMapping { get; private set; }

    public int? InhibitAnyPolicy { get; private set; }

    private void ReadExtensions(AsnReader tbs)
    {
        AsnReader wrapper = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
        AsnReader extensions = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        if (Version != 3)
            Problem = $"has extensions although it is X.509 version {Version}";
        var seen = new HashSet<string>();
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string oid = extension.ReadObjectIdentifier();
            bool critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            byte[] value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!seen.Add(oid))
                Problem ??= $"has the extension {oid} twice";
            ReadExtension(oid, critical, value);
        }
    }

    private void ReadExtension(string oid, bool critical, byte[] value)
    {
        try
        {
            if (TryReadKnown(oid, value) || !critical)
                return;
            HasUnsupportedExtension = true;
            Problem ??= $"has the critical extension {oid}, which is not supported";
        }
        catch (CertificateFormatException e)
        {
            Problem ??= e.Message;
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException or OverflowException)
        {
            Problem ??= $"has a damaged extension {oid}";
        }
    }

    private bool TryReadKnown(string oid, byte[] value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        switch (oid)
        {
            case Oids.BasicConstraints:
                ReadBasicConstraints(reader.ReadSequence());
                break;
            case Oids.KeyUsage:
                byte[] bits = reader.ReadBitString(out _);
                KeyUsage = bits.Length > 0 ? (KeyUsages)bits[0] : KeyUsages.None;
                break;
            case Oids.ExtendedKeyUsage:
                ExtendedKeyUsages = ReadOids(reader.ReadSequence());
                break;
            case Oids.SubjectKeyIdentifier:
                SubjectKeyId = reader.ReadOctetString();
                break;
            case Oids.AuthorityKeyIdentifier:
                ReadAuthorityKeyId(reader.ReadSequence());
                break;
            case Oids.SubjectAltName:
                AlternativeNames = GeneralName.ReadAll(reader.ReadEncodedValue());
                break;
            case Oids.NameConstraints:
                NameConstraints = NameConstraints.Parse(reader.ReadEncodedValue());
                break;
            case Oids.CertificatePolicies:
                Policies = ReadPolicies(reader.ReadSequence());
                break;
            case Oids.PolicyMappings:
                PolicyMappings = ReadMappings(reader.ReadSequence());
                break;
            case Oids.PolicyConstraints:
                ReadPolicyConstraints(reader.ReadSequence());
                break;
            case Oids.InhibitAnyPolicy:
                InhibitAnyPolicy = Count(reader.ReadInteger());
                break;
            case Oids.CrlDistributionPoints:
                CrlDistributionPoints = value; // Read only when a CRL names one: nothing is ever fetched from there.
                return true;
            case Oids.IssuerAltName:
                return true; // No name of the issuer but its subject counts.
            default:
                return false;
        }

        reader.ThrowIfNotEmpty();
        return true;
    }

    private void ReadBasicConstraints(AsnReader sequence)
    {
        HasBasicConstraints = true;
        IsCa = sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && sequence.ReadBoolean();
        PathLength = sequence.HasData ? Count(sequence.ReadInteger()) : null;
        sequence.ThrowIfNotEmpty();
    }

    private void ReadAuthorityKeyId(AsnReader sequence)
    {
        Asn1Tag keyId = new(TagClass.ContextSpecific, 0), issuer = new(TagClass.ContextSpecific, 1);
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(keyId))
            AuthorityKeyId = sequence.ReadOctetString(keyId);
        if (!sequence.HasData || !sequence.PeekTag().HasSameClassAndValue(issuer))
            return;
        AsnReader names = sequence.ReadSequence(issuer);
        while (names.HasData)
            AuthorityCertIssuer ??= GeneralName.Read(names).Name;
    }

    private void ReadPolicyConstraints(AsnReader sequence)
    {
        Asn1Tag explicitPolicy = new(TagClass.ContextSpecific, 0), mapping = new(TagClass.ContextSpecific, 1);
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(explicitPolicy))
            RequireExplicitPolicy = Count(sequence.ReadInteger(explicitPolicy));
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(mapping))
            InhibitPolicyMapping = Count(sequence.ReadInteger(mapping));
        sequence.ThrowIfNotEmpty();
    }

    private static HashSet<string> ReadPolicies(AsnReader sequence)
    {
        var policies = new HashSet<string>();
        while (sequence.HasData)
            policies.Add(sequence.ReadSequence().ReadObjectIdentifier());
        return policies;
    }

    private static List<PolicyMapping> ReadMappings(AsnReader sequence)
    {
        var mappings = new List<PolicyMapping>();
        while (sequence.HasData)
        {
            AsnReader pair = sequence.ReadSequence();
            mappings.Add(new PolicyMapping(pair.ReadObjectIdentifier(), pair.ReadObjectIdentifier()));
        }

        return mappings;
    }

    private static List<string> ReadOids(AsnReader sequence)
    {
        var oids = new List<string>();
        while (sequence.HasData)
            oids.Add(sequence.ReadObjectIdentifier());
        return oids;
    }

    // A number of certificates: more than any path can hold is as good as that.
    private static int Count(BigInteger value) => value.Sign < 0
        ? throw new CertificateFormatException("has a negative number where a count of certificates belongs")
        : value > 1000 ? 1000 : (int)value;
}
