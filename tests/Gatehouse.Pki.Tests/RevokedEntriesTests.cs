using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;
using Gatehouse.Testing;

namespace Gatehouse.Pki.Tests;

/// <summary>Look-ups agree with a plain set; large lists stay small; damaged ones end in one kind of exception.</summary>
public sealed class RevokedEntriesTests
{
    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly byte[] s_issuer = Issuing.SubjectSyntax.Encode("CN=CA");

    [Fact]
    public void Lookup_agrees_with_a_set() =>
        // Few and small numbers, so that neighbours, negatives and repeats occur; and long ones.
        Gen.Select(Gen.Long[-300, 300].Array[0, 40], Gen.Byte.Array[1, 20].Array[0, 20], Gen.Long[-300, 300].Array[20]).Fixed().Sample((few, longs, asked) =>
        {
            BigInteger[] serials = [.. few.Select(number => new BigInteger(number)), .. longs.Select(bytes => new BigInteger(bytes))];
            var set = new HashSet<BigInteger>(serials);
            CertificateRevocationList list = CertificateRevocationList.Parse(CrlWriter.Write(s_issuer, s_key, serials));
            return list.Count == serials.Length
                && asked.Select(number => new BigInteger(number)).Concat(serials).All(serial => Find(list, serial).HasValue == set.Contains(serial));
        }, iter: 1000);

    [Fact]
    public void Largest_list_takes_little_memory_and_one_more_entry_is_refused()
    {
        byte[] der = CrlWriter.Write(s_issuer, s_key, [.. Serials(CertificateRevocationList.MaxEntries)]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        CertificateRevocationList list = CertificateRevocationList.Parse(der);

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(200_000, list.Count);
        // The copy of the bytes, and two arrays of four bytes for each entry while it is read.
        Assert.InRange(allocated, der.Length, der.Length + 2_500_000);
        foreach (BigInteger serial in Serials(CertificateRevocationList.MaxEntries).Where((_, i) => i % 997 == 0))
        {
            Assert.NotNull(Find(list, serial));
            Assert.Null(Find(list, serial + 1));
        }

        Assert.Contains("more than 200000 entries", Assert.Throws<RevocationListException>(
            () => CertificateRevocationList.Parse(CrlWriter.Write(s_issuer, s_key, [.. Serials(CertificateRevocationList.MaxEntries + 1)]))).Message);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(8, false)]
    [InlineData(0, true)]
    public void Hold_revokes_and_removal_does_not(int reason, bool revokes)
    {
        CertificateRevocationList list = CertificateRevocationList.Parse(CrlWriter.Write(s_issuer, s_key, [7], reason));
        Assert.Equal(revokes, Find(list, 7)!.Value.Revokes);
    }

    [Fact]
    public void Cut_and_changed_lists_end_in_one_kind_of_exception()
    {
        byte[] der = CrlWriter.Write(s_issuer, s_key, [1, 0x80, -5, BigInteger.One << 140], reason: 1);
        byte[] pem = System.Text.Encoding.ASCII.GetBytes(PemText.Write("X509 CRL", der));
        for (int length = 0; length < der.Length; length++)
            Assert.Throws<RevocationListException>(() => CertificateRevocationList.Parse(der.AsMemory(0, length)));
        for (int length = 0; length < pem.Length; length++)
            ReadsOrRefuses(pem[..length]);
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 2000], Gen.Byte).Array[1, 6]).Fixed().Sample((text, changes) =>
        {
            byte[] bytes = [.. text ? pem : der];
            foreach ((int position, byte value) in changes)
                bytes[position % bytes.Length] = value;
            return ReadsOrRefuses(bytes);
        }, iter: 20_000);
        Gen.Byte.Array[0, 300].Fixed().Sample(ReadsOrRefuses, iter: 5000);
    }

    // What was read must also be fit for use: each look-up, each property, a check against anchors.
    private static bool ReadsOrRefuses(byte[] bytes)
    {
        try
        {
            CertificateRevocationList list = CertificateRevocationList.Parse(bytes);
            foreach (int serial in new[] { 1, 0x80, -5, 9 })
                Find(list, serial);
            return list.Issuer.Length > 0 && list.Sha256.Length == 64 && RevocationListCheck.Check(list, s_anchors, CrlWriter.Made) is not null;
        }
        catch (RevocationListException e)
        {
            return e.Message.EndsWith('.');
        }
    }

    private static readonly TrustAnchors s_anchors = TrustAnchors.Parse(CertificateIssuer.CreateCa("/CN=CA", 30, KeyKind.EcP256, CrlWriter.Made).CertificatePem);

    private static RevokedEntry? Find(CertificateRevocationList list, BigInteger serial) => list.Parsed.Entries.Find(serial.ToByteArray(isBigEndian: true));

    // 16 bytes each, in no order, and never two neighbours.
    private static IEnumerable<BigInteger> Serials(int count)
    {
        for (int i = 0; i < count; i++)
            yield return (BigInteger.One << 126) + (new BigInteger(unchecked((uint)(i * 2654435761L))) << 40) + (2 * i);
    }
}
