using System.Text;

namespace Gatehouse.Pki.Tests;

public sealed class BundleDerTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string s_one = CertificateIssuer.CreateCa("/CN=One", 10, KeyKind.EcP256, s_now).CertificatePem.ReplaceLineEndings("\n");
    private static readonly string s_two = CertificateIssuer.CreateCa("/O=Example/CN=Two", 10, KeyKind.Rsa2048, s_now).CertificatePem.ReplaceLineEndings("\n");

    [Fact]
    public void Both_ways_read_a_stored_bundle_alike()
    {
        foreach (var pem in new[] { s_one, s_two, s_one + s_two, s_two + s_one + s_one })
        {
            var stored = CaBundle.Check(pem, s_now).NormalizedPem;
            var room = new byte[64 * 1024];
            Assert.True(BundleDer.TryDecodeNormalized(Encoding.UTF8.GetBytes(stored), room, out var written));
            Assert.Equal(BundleDer.FromPem(stored), room[..written]);
            Assert.Equal(TrustAnchors.Parse(pem).Facts.Select(f => f.Sha256), TrustAnchors.ParseDer(room.AsMemory(0, written)).Facts.Select(f => f.Sha256));
        }
    }

    [Fact]
    public void What_is_not_stored_text_is_left_to_the_slow_way()
    {
        var room = new byte[64 * 1024];
        var lines = s_one.Split('\n');
        string[] others =
        [
            "", "garbage", s_one.ReplaceLineEndings("\r\n"), " " + s_one, s_one + " ", s_one.TrimEnd(), s_one.Replace("CERTIFICATE", "X509 CERTIFICATE", StringComparison.Ordinal),
            s_one.Replace("\n-----END", "\n\n-----END", StringComparison.Ordinal), s_one[..200], s_one.Remove(80, 4), s_one.Remove(80, 1), lines[0] + "\n" + lines[^2] + "\n",
            With(s_one, 80, "    "), With(s_one, 80, " "), With(s_one, 80, "===="), With(s_one, 80, "-"), With(s_one, 80, "\n\n\n\n"),
            string.Concat(Enumerable.Repeat(s_two, 5)),
            s_one.Replace("\n-----END", " \n-----END", StringComparison.Ordinal), s_one.Replace("\n-----END", "\r\n-----END", StringComparison.Ordinal),
        ];
        foreach (var pem in others)
            Assert.False(BundleDer.TryDecodeNormalized(Encoding.UTF8.GetBytes(pem), room, out _), pem);
        Assert.False(BundleDer.TryDecodeNormalized(Encoding.UTF8.GetBytes(s_one), new byte[100], out _));
    }

    [Fact]
    public void Whatever_text_the_quick_way_takes_the_slow_way_reads_alike()
    {
        const string Spoilers = " \n\r\t=-A/+\0\u007f";
        var (random, room, taken) = (new Random(20), new byte[64 * 1024], 0);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder(s_one + s_two);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var (at, length) = (random.Next(text.Length - 80), random.Next(1, 70));
                switch (random.Next(4))
                {
                    case 0: text[at] = Spoilers[random.Next(Spoilers.Length)]; break;
                    case 1: text.Insert(at, Spoilers[random.Next(Spoilers.Length)].ToString(), random.Next(1, 5)); break;
                    case 2: text.Remove(at, length); break;
                    default: text.Insert(at, text.ToString(at, length)); break;
                }
            }
            var pem = text.ToString();
            if (!BundleDer.TryDecodeNormalized(Encoding.ASCII.GetBytes(pem), room, out var written))
                continue;
            taken++;
            Assert.Equal(BundleDer.FromPem(pem), room[..written]);
        }
        // A changed letter of a signature is one that both read.
        Assert.InRange(taken, 1, 19_999);
    }

    private static string With(string pem, int at, string other) => pem[..at] + other + pem[(at + other.Length)..];

    [Fact]
    public void What_cannot_be_trusted_is_refused()
    {
        var key = CertificateIssuer.CreateCa("/CN=One", 10, KeyKind.EcP256, s_now).PrivateKeyPem;
        foreach (var pem in new[] { "", "garbage", key, s_one + key, s_one[..200], s_one.Replace("CERTIFICATE", "X509 CRL", StringComparison.Ordinal) })
            Assert.Throws<CaBundleException>(() => BundleDer.FromPem(pem));

        // Two certificates in one block were never looked at as two.
        var both = Convert.ToBase64String([.. BundleDer.FromPem(s_one), .. BundleDer.FromPem(s_two)]);
        Assert.Throws<CaBundleException>(() => BundleDer.FromPem($"-----BEGIN CERTIFICATE-----\n{both}\n-----END CERTIFICATE-----\n"));
    }

    [Fact]
    public void Damaged_der_is_refused_wherever_the_damage_is()
    {
        byte[] der = [.. BundleDer.FromPem(s_one), .. BundleDer.FromPem(s_two)];
        Assert.Equal(2, TrustAnchors.ParseDer(der).Facts.Count);
        Assert.Throws<CaBundleException>(() => TrustAnchors.ParseDer(default));
        Assert.Throws<CaBundleException>(() => TrustAnchors.ParseDer(der.AsMemory(0, der.Length - 1)));
        Assert.Throws<CaBundleException>(() => TrustAnchors.ParseDer((byte[])[.. der, 0]));
        Assert.Throws<CaBundleException>(() => TrustAnchors.ParseDer((byte[])[.. der, 0x30, 0x00]));
        Assert.Throws<CaBundleException>(() => TrustAnchors.ParseDer(Encoding.UTF8.GetBytes("garbage")));
    }
}
