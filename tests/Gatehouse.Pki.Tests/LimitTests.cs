using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Tests;

/// <summary>What would cost too much is refused before any arithmetic is done with it.</summary>
public sealed class LimitTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1024, 65537, CertificateFault.Weak, "1024 bits; at least 2048")]
    [InlineData(2048, 1, CertificateFault.Weak, "public exponent 1")]
    [InlineData(2048, 2, CertificateFault.Weak, "public exponent 2")]
    [InlineData(2048, 4, CertificateFault.Malformed, "even modulus or exponent")]
    [InlineData(16384, 65537, CertificateFault.TooLarge, "16384 bits; at most 8192")]
    [InlineData(100_000, 65537, CertificateFault.TooLarge, "100000 bits; at most 8192")]
    public void Rsa_keys_of_leaves_and_of_intermediates(int bits, int exponent, CertificateFault fault, string message)
    {
        using var root = new Authority("CN=Root");
        // A leaf with that key, issued properly: refused by the size alone.
        byte[] leaf = root.Issue("CN=Client", Rsa(bits, exponent), isCa: false);
        Refused(leaf, [], root, fault, message);
        // A CA with that key, and a leaf that says it comes from it. A small key is followed to say so, so its signature would have to be right.
        if (bits < 2048)
            return;
        byte[] middle = root.Issue("CN=Middle", Rsa(bits, exponent), isCa: true);
        using var pretended = new Authority("CN=Middle");
        Refused(pretended.Issue("CN=Client", Ec(), isCa: false, rsaSignature: true), [middle], root, fault, message);
    }

    [Fact]
    public void Exponents_above_64_bits()
    {
        using var root = new Authority("CN=Root");
        Refused(root.Issue("CN=Client", Rsa(2048, (BigInteger.One << 64) + 1), isCa: false), [], root, CertificateFault.TooLarge, "above 64 bits");
    }

    [Fact]
    public void Chain_of_fifty()
    {
        using var root = new Authority("CN=Root");
        List<ReadOnlyMemory<byte>> chain = [];
        Authority issuer = root;
        for (int i = 0; i < 49; i++)
        {
            var next = new Authority($"CN=CA {i}");
            chain.Insert(0, issuer.Issue(next.Name, next.PublicKey, isCa: true));
            issuer = next;
        }

        byte[] leaf = issuer.Issue("CN=Client", Ec(), isCa: false);

        Refused(leaf, [.. chain], root, CertificateFault.TooLarge, "The client sent 50 certificates; at most 16");
        // Fifteen of them are allowed to be sent, but not to be climbed.
        using var second = new Authority("CN=Elsewhere");
        Verdict verdict = ClientChainVerifier.Verify(leaf, chain[..15], second.Anchors, s_now);
        Assert.Equal(CertificateFault.TooLarge, verdict.Fault);
        Assert.Contains("longer than 8 certificates", verdict.Message);
    }

    [Fact]
    public void Certificates_of_a_megabyte_are_not_even_read()
    {
        using var root = new Authority("CN=Root");
        byte[] leaf = root.Issue("CN=Client", Ec(), isCa: false);
        byte[] huge = root.Issue("CN=Client", Ec(), isCa: false, ballast: 1_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(huge, [], root, CertificateFault.TooLarge, $"a certificate of {huge.Length} bytes; at most 16384");
        Refused(leaf, [huge], root, CertificateFault.TooLarge, $"a certificate of {huge.Length} bytes; at most 16384");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    private static void Refused(byte[] leaf, ReadOnlyMemory<byte>[] others, Authority root, CertificateFault fault, string message)
    {
        Verdict verdict = ClientChainVerifier.Verify(leaf, others, root.Anchors, s_now);
        Assert.True(verdict.Fault == fault, $"{verdict.Fault}: {verdict.Message}");
        Assert.Contains(message, verdict.Message);
        Assert.NotEmpty(verdict.NextStep);
    }

    // No such key is ever made: a number of that size is enough to ask what it would cost.
    private static PublicKey Rsa(int bits, BigInteger exponent)
    {
        byte[] modulus = new byte[bits / 8];
        modulus.AsSpan().Fill(0xA5);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(modulus);
            writer.WriteInteger(exponent);
        }

        return new PublicKey(new Oid(Oids.Rsa), new AsnEncodedData([0x05, 0x00]), new AsnEncodedData(writer.Encode()));
    }

    private static PublicKey Ec()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new PublicKey(key);
    }

    private sealed class Authority : IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private TrustAnchors? _anchors;

        public Authority(string name) => Name = name;

        public string Name { get; }

        public PublicKey PublicKey => new(_key);

        public TrustAnchors Anchors => _anchors ??= TrustAnchors.Parse(PemText.Write("CERTIFICATE", Issue(Name, PublicKey, isCa: true)));

        public byte[] Issue(string subject, PublicKey key, bool isCa, bool rsaSignature = false, int ballast = 0)
        {
            var request = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
            if (isCa)
                request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            if (ballast > 0)
                request.CertificateExtensions.Add(new X509Extension("1.2.3.4", new byte[ballast], critical: false));
            using var rsa = rsaSignature ? RSA.Create(2048) : null;
            X509SignatureGenerator generator = rsa is null ? X509SignatureGenerator.CreateForECDsa(_key) : X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1);
            using X509Certificate2 certificate = request.Create(new X500DistinguishedName(Name), generator, s_now.AddDays(-1), s_now.AddDays(30), Guid.NewGuid().ToByteArray());
            return certificate.RawData;
        }

        public void Dispose() => _key.Dispose();
    }
}
