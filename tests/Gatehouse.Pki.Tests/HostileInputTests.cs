using System.Formats.Asn1;
using CsCheck;
using Gatehouse.Pki.Parsing;
using Gatehouse.Testing;

namespace Gatehouse.Pki.Tests;

/// <summary>Whatever bytes a stranger sends: a verdict, never an exception, and never "accepted".</summary>
public sealed class HostileInputTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly IssuedCertificate s_ca = CertificateIssuer.CreateCa("/O=Example ORG/CN=CA Cert", 365, KeyKind.EcP256, s_now);
    private static readonly TrustAnchors s_anchors = TrustAnchors.Parse(s_ca.CertificatePem);
    private static readonly byte[][] s_leaves =
    [
        Der(CertificateIssuer.CreateClient(s_ca.CertificatePem, s_ca.PrivateKeyPem, "/O=Example ORG/CN=Client", "one", 30, KeyKind.EcP256, s_now).CertificatePem),
        Der(CertificateIssuer.CreateClient(s_ca.CertificatePem, s_ca.PrivateKeyPem, "/CN=Client", null, 30, KeyKind.Rsa2048, s_now).CertificatePem),
    ];

    [Fact]
    public void Unchanged_leaves_are_accepted()
    {
        foreach (byte[] leaf in s_leaves)
            Assert.True(ClientChainVerifier.Verify(leaf, [], s_anchors, s_now).Accepted);
    }

    [Fact]
    public void Every_single_bit_matters()
    {
        byte[] leaf = s_leaves[0];
        for (int bit = 0; bit < leaf.Length * 8; bit++)
        {
            byte[] changed = [.. leaf];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(ClientChainVerifier.Verify(changed, [], s_anchors, s_now));
        }
    }

    [Fact]
    public void Random_changes_are_refused() =>
        Gen.Select(Gen.Int[0, 1], Gen.Select(Gen.Int[0, 2000], Gen.Byte).Array[1, 6]).Fixed().Sample((which, changes) =>
        {
            byte[] leaf = [.. s_leaves[which]];
            foreach ((int position, byte value) in changes)
                leaf[position % leaf.Length] = value;
            Verdict verdict = ClientChainVerifier.Verify(leaf, [s_leaves[which]], s_anchors, s_now);
            return verdict.Accepted == leaf.AsSpan().SequenceEqual(s_leaves[which]);
        }, iter: 3000);

    [Fact]
    public void Cut_and_random_bytes_are_refused()
    {
        for (int length = 0; length < s_leaves[0].Length; length++)
            AssertRefused(ClientChainVerifier.Verify(s_leaves[0].AsMemory(0, length), [], s_anchors, s_now));
        Gen.Byte.Array[0, 300].Fixed().Sample(bytes => !ClientChainVerifier.Verify(bytes, [bytes], s_anchors, s_now).Accepted && CertificateFacts.TryRead(bytes) is null, iter: 3000);
    }

    [Fact]
    public void Bundle_check_takes_any_text() =>
        Gen.Select(Gen.String, Gen.Int[0, 2000]).Fixed().Sample((text, position) =>
        {
            string pem = s_ca.CertificatePem.Insert(position % s_ca.CertificatePem.Length, text);
            CaBundleReport report = CaBundle.Check(pem, s_now);
            return report.IsUsable == (report.NormalizedPem.Length > 0);
        }, iter: 2000);

    [Fact]
    public void Cross_signed_maze_is_bounded()
    {
        // Fifteen certificates of one name, none of them issued by the anchor: every one a possible issuer of every other.
        byte[][] maze = [.. Enumerable.Range(0, 15).Select(i => Der(CertificateIssuer.CreateCa("/O=Example ORG/CN=CA Cert", 30, KeyKind.EcP256, s_now).CertificatePem))];
        IssuedCertificate stranger = CertificateIssuer.CreateCa("/O=Example ORG/CN=CA Cert", 30, KeyKind.EcP256, s_now);
        byte[] leaf = Der(CertificateIssuer.CreateClient(stranger.CertificatePem, stranger.PrivateKeyPem, "/CN=Client", null, 30, KeyKind.EcP256, s_now).CertificatePem);

        Verdict verdict = ClientChainVerifier.Verify(leaf, [.. maze.Select(der => (ReadOnlyMemory<byte>)der)], s_anchors, s_now);

        Assert.Equal(CertificateFault.UnknownCa, verdict.Fault);
    }

    [Fact]
    public void Names_of_strangers_are_bounded_and_show_no_control_characters()
    {
        string text = DistinguishedName.Parse(Encode("a\nb\u202Ec," + new string('x', 2000))).Text;
        Assert.StartsWith(@"CN=a\0Ab\E2\80\AEc\,xxx", text);
        Assert.Equal(512, text.Length);
        Assert.EndsWith("…", text);
    }

    private static byte[] Encode(string commonName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("2.5.4.3");
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, commonName);
        }

        return writer.Encode();
    }

    private static void AssertRefused(Verdict verdict)
    {
        Assert.False(verdict.Accepted);
        Assert.NotNull(verdict.Fault);
        Assert.NotEmpty(verdict.Message);
        Assert.NotEmpty(verdict.NextStep);
        Assert.Null(verdict.ValidUntil);
    }

    private static byte[] Der(string pem) => PemText.Read(pem, 1)[0].Der!;
}
