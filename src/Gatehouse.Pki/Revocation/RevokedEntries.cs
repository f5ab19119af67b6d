using System.Formats.Asn1;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>
/// The entries of a list (revokedCertificates, RFC 5280 §5.1.2.6): the place of each in the DER, sorted by serial number. Every entry was
/// read once before; what a look-up reads again cannot fail.
/// </summary>
internal sealed class RevokedEntries
{
    private readonly ReadOnlyMemory<byte> _der;
    private readonly int[] _places;

    private RevokedEntries(ReadOnlyMemory<byte> der, int[] places)
    {
        _der = der;
        _places = places;
    }

    /// <summary>An empty list.</summary>
    public static RevokedEntries None { get; } = new(default, []);

    public int Count => _places.Length;

    /// <summary>Reads and checks every entry.</summary>
    /// <param name="list">The whole list.</param>
    /// <param name="entries">The encoded sequence of entries, a slice of <paramref name="list"/>.</param>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">Too many, or an entry demands what we do not do.</exception>
    public static RevokedEntries Read(ReadOnlyMemory<byte> list, ReadOnlyMemory<byte> entries)
    {
        if (!list.Span.Overlaps(entries.Span, out int start))
            throw new ArgumentException("Not a part of the list.", nameof(entries));
        AsnDecoder.ReadSequence(entries.Span, AsnEncodingRules.DER, out int offset, out int length, out _);
        ReadOnlySpan<byte> rest = entries.Span.Slice(offset, length);
        int place = start + offset;
        // An entry has 20 bytes or more (a serial number and a date).
        var places = new List<int>(Math.Min(length / 20, CertificateRevocationList.MaxEntries));
        while (!rest.IsEmpty)
        {
            if (places.Count == CertificateRevocationList.MaxEntries)
                throw new CertificateFormatException($"has more than {CertificateRevocationList.MaxEntries} entries. Have the CA leave out certificates that have expired");
            int consumed = RevokedEntry.Check(rest);
            places.Add(place);
            place += consumed;
            rest = rest[consumed..];
        }

        int[] sorted = [.. places];
        var order = new BySerial(list);
        for (int i = 1; i < sorted.Length; i++)
        {
            if (order.Compare(sorted[i - 1], sorted[i]) <= 0)
                continue;
            Array.Sort(sorted, order);
            break;
        }

        return new RevokedEntries(list, sorted);
    }

    /// <summary>The entry of a certificate; null when it is not listed. Of several for one serial number, one that revokes.</summary>
    /// <param name="serial">Two's complement, as encoded in the certificate.</param>
    public RevokedEntry? Find(ReadOnlySpan<byte> serial)
    {
        ReadOnlySpan<byte> der = _der.Span;
        int low = 0, high = _places.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (BySerial.Compare(RevokedEntry.Serial(der[_places[middle]..]), serial) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        RevokedEntry? found = null;
        for (; low < _places.Length && RevokedEntry.Serial(der[_places[low]..]).SequenceEqual(serial); low++)
        {
            RevokedEntry entry = RevokedEntry.Read(der[_places[low]..]);
            if (entry.Revokes)
                return entry;
            found ??= entry;
        }

        return found;
    }

    // Any total order will do: DER has one encoding for each number, so length and bytes are enough.
    private sealed class BySerial(ReadOnlyMemory<byte> der) : IComparer<int>
    {
        public int Compare(int x, int y) => Compare(RevokedEntry.Serial(der.Span[x..]), RevokedEntry.Serial(der.Span[y..]));

        public static int Compare(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => x.Length != y.Length ? x.Length - y.Length : x.SequenceCompareTo(y);
    }
}
