using System.Formats.Asn1;
using System.Text;

namespace Gatehouse.Pki.Parsing;

/// <summary>
/// A Name as RFC 5280 §4.1.2.4 defines it. Compared as §7.1 says: string types without regard to type, letter case and runs of white
/// space; everything else byte by byte. Equal bytes are the fast path, and the only one most connections take.
/// </summary>
internal sealed class DistinguishedName
{
    private string[]? _comparable;
    private string? _text;

    private DistinguishedName(ReadOnlyMemory<byte> der, List<List<NameAttribute>> rdns)
    {
        Der = der;
        Rdns = rdns;
    }

    /// <summary>The encoded Name.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>Relative names, outermost first, each a set of attributes.</summary>
    public List<List<NameAttribute>> Rdns { get; }

    /// <summary>True for the empty name.</summary>
    public bool IsEmpty => Rdns.Count == 0;

    /// <summary>RFC 4514 text, at most <see cref="PeerText.MaxName"/> characters; <c>(empty name)</c> when there is none.</summary>
    public string Text => _text ??= NameText.Write(this);

    private string[] Comparable => _comparable ??= [.. Rdns.Select(Canonical)];

    /// <summary>Reads a Name.</summary>
    /// <exception cref="AsnContentException">Not DER, or not a Name.</exception>
    public static DistinguishedName Parse(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        DistinguishedName name = Read(outer);
        outer.ThrowIfNotEmpty();
        return name;
    }

    /// <summary>Reads the next Name of a sequence.</summary>
    /// <exception cref="AsnContentException">Not DER, or not a Name.</exception>
    public static DistinguishedName Read(AsnReader reader)
    {
        ReadOnlyMemory<byte> der = reader.PeekEncodedValue();
        AsnReader sequence = reader.ReadSequence();
        var rdns = new List<List<NameAttribute>>(4);
        while (sequence.HasData)
        {
            // Sets out of DER order occur in old certificates; order has no meaning here, so it is not insisted on.
            AsnReader set = sequence.ReadSetOf(skipSortOrderValidation: true);
            var rdn = new List<NameAttribute>(1);
            while (set.HasData)
            {
                AsnReader attribute = set.ReadSequence();
                string oid = attribute.ReadObjectIdentifier();
                rdn.Add(NameAttribute.Read(oid, attribute));
                attribute.ThrowIfNotEmpty();
            }

            rdns.Add(rdn);
        }

        return new DistinguishedName(der, rdns);
    }

    /// <summary>True when both are the same name (RFC 5280 §7.1).</summary>
    public bool Matches(DistinguishedName other)
    {
        if (Der.Span.SequenceEqual(other.Der.Span))
            return true;
        return Rdns.Count == other.Rdns.Count && Comparable.AsSpan().SequenceEqual(other.Comparable);
    }

    /// <summary>True when this name lies in the subtree of <paramref name="root"/>: begins with all of its relative names (§4.2.1.10).</summary>
    public bool IsWithin(DistinguishedName root) =>
        root.Rdns.Count <= Rdns.Count && Comparable.AsSpan(0, root.Rdns.Count).SequenceEqual(root.Comparable);

    /// <summary>First value of an attribute type as text, or null.</summary>
    public string? First(string oid)
    {
        foreach (List<NameAttribute> rdn in Rdns)
        {
            foreach (NameAttribute attribute in rdn)
            {
                if (attribute.Oid == oid && attribute.Text is not null)
                    return attribute.Text;
            }
        }

        return null;
    }

    // Length prefixes keep a value from posing as two attributes.
    private static string Canonical(List<NameAttribute> rdn)
    {
        var parts = new string[rdn.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            NameAttribute attribute = rdn[i];
            string value = attribute.Text is { } text ? "s" + Fold(text) : "x" + Convert.ToHexString(attribute.Der.Span);
            parts[i] = $"{attribute.Oid}:{value.Length}:{value}";
        }

        if (parts.Length == 1)
            return parts[0];
        Array.Sort(parts, StringComparer.Ordinal);
        return string.Join('+', parts);
    }

    private static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        bool space = false;
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                space = folded.Length > 0;
                continue;
            }

            if (space)
                folded.Append(' ');
            space = false;
            folded.Append(char.ToLowerInvariant(c));
        }

        return folded.ToString();
    }
}
