using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Gatehouse.Pki.Tests;

/// <summary>Writes CRLs that OpenSSL's command line would take minutes for, or would not write at all.</summary>
internal static class CrlWriter
{
    public static readonly DateTimeOffset Made = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A list of version 2 that <paramref name="key"/> signs.</summary>
    public static byte[] Write(ReadOnlySpan<byte> issuer, ECDsa key, IReadOnlyCollection<BigInteger> serials, int? reason = null)
    {
        // The writer grows by a kilobyte at a time, which takes half a minute for the largest list.
        var tbs = new AsnWriter(AsnEncodingRules.DER, initialCapacity: 256 + (64 * serials.Count));
        using (tbs.PushSequence())
        {
            tbs.WriteInteger(1);
            Algorithm(tbs);
            tbs.WriteEncodedValue(issuer);
            tbs.WriteUtcTime(Made);
            tbs.WriteUtcTime(Made.AddDays(7));
            using (tbs.PushSequence())
            {
                foreach (BigInteger serial in serials)
                    Entry(tbs, serial, reason);
            }
        }

        byte[] signed = tbs.Encode();
        var list = new AsnWriter(AsnEncodingRules.DER, initialCapacity: signed.Length + 256);
        using (list.PushSequence())
        {
            list.WriteEncodedValue(signed);
            Algorithm(list);
            list.WriteBitString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return list.Encode();
    }

    private static void Entry(AsnWriter writer, BigInteger serial, int? reason)
    {
        using AsnWriter.Scope entry = writer.PushSequence();
        writer.WriteInteger(serial);
        writer.WriteUtcTime(Made);
        if (reason is not { } code)
            return;
        using AsnWriter.Scope extensions = writer.PushSequence();
        using AsnWriter.Scope extension = writer.PushSequence();
        writer.WriteObjectIdentifier("2.5.29.21");
        writer.WriteOctetString([0x0A, 0x01, (byte)code]);
    }

    private static void Algorithm(AsnWriter writer)
    {
        using AsnWriter.Scope algorithm = writer.PushSequence();
        writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
    }
}
