using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Tests;

/// <summary>Judging again with what was found before, beside judging from nothing. Certificates made by OpenSSL.</summary>
public sealed class KnownSignaturesTests : IDisposable
{
    private const string Ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign";
    private const string Leaf = "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth";
    // Identifiers would tell the two apart before their keys do.
    private const string NoKeyIds = Ca + "\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none";
    private static readonly string[] s_rsa = ["-newkey", "rsa:2048"];
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Says_the_same_as_judging_from_nothing(bool rsa)
    {
        _openssl.Root("root", "/CN=Root", Ca, rsa ? s_rsa : null);
        _openssl.Issue("issuing", "root", "/CN=Issuing", Ca, rsa ? s_rsa : null);
        _openssl.Issue("client", "issuing", "/CN=Client", Leaf, rsa ? s_rsa : null);
        _openssl.Root("other root", "/CN=Root", NoKeyIds, rsa ? s_rsa : null);
        _openssl.Root("other issuing", "/CN=Issuing", NoKeyIds);
        _openssl.Root("stranger", "/CN=Stranger", Ca);
        _openssl.Revoke("issuing", "client");
        RevocationRules revoked = Rules(_openssl.Crl("issuing", "issuing"));
        Verdict before = Judge(["root"], null);
        Assert.True(before.Accepted, before.Message);
        DateTimeOffset end = before.ValidUntil!.Value;

        foreach (string[] anchors in new string[][] { ["root"], ["issuing"], ["other root"], ["other issuing"], ["stranger"], ["other root", "root"], ["stranger", "other issuing", "issuing"] })
        {
            foreach (RevocationRules rules in new[] { RevocationRules.None, revoked })
            {
                foreach (DateTimeOffset at in new[] { TimeProvider.System.GetUtcNow(), end, end.AddSeconds(1) })
                {
                    Verdict anew = Judge(anchors, null, rules, at), again = Judge(anchors, before.Signatures, rules, at);
                    Assert.Equal((anew.Accepted, anew.Fault, anew.Message, anew.NextStep, anew.AnchorSha256, anew.ValidUntil), (again.Accepted, again.Fault, again.Message, again.NextStep, again.AnchorSha256, again.ValidUntil));
                    Assert.Equal(again.Accepted, again.Signatures is not null);
                }
            }
        }

        Verdict Judge(string[] anchors, KnownSignatures? known, RevocationRules? rules = null, DateTimeOffset? at = null) => ClientChainVerifier.Verify(
            _openssl.Der("client.crt"), [_openssl.Der("issuing.crt")], Anchors(anchors), rules ?? RevocationRules.None, at ?? TimeProvider.System.GetUtcNow(), known);
    }

    [Fact]
    public void What_is_known_is_not_worked_out_again()
    {
        _openssl.Root("one", "/CN=CA", NoKeyIds);
        _openssl.Root("two", "/CN=CA", NoKeyIds);
        _openssl.Issue("client", "one", "/CN=Client", Leaf);
        // Nobody can have such a memory but by checking: that a wrong one is believed shows that nothing was checked.
        KnownSignatures wrong = Signed("client", "two");

        Assert.False(Verify("client", "two", null).Accepted);
        Assert.True(Verify("client", "two", wrong).Accepted);
        Assert.True(Verify("client", "one", null).Accepted);
        Assert.Equal(CertificateFault.UnknownCa, Verify("client", "one", wrong).Fault);
    }

    [Fact]
    public void Another_certificate_is_checked()
    {
        _openssl.Root("one", "/CN=CA", NoKeyIds);
        _openssl.Root("two", "/CN=CA", NoKeyIds);
        _openssl.Issue("client", "one", "/CN=Client", Leaf);
        _openssl.Issue("strange", "two", "/CN=Client", Leaf);
        KnownSignatures known = Verify("client", "one", null).Signatures!;

        Assert.Equal(CertificateFault.UnknownCa, Verify("strange", "one", known).Fault);
        Assert.True(Verify("strange", "two", known).Accepted);
    }

    [Fact]
    public void A_key_that_is_written_another_way_is_checked()
    {
        _openssl.Root("plain", "/CN=CA", NoKeyIds, s_rsa);
        _openssl.Issue("client", "plain", "/CN=Client", Leaf);
        // The same numbers for PSS only: their signature with PKCS #1 is not good any more.
        PublicKeyInfo key = Parsed("plain").Key, pss = PublicKeyInfo.Parse(ForPssOnly(key.Der.ToArray()));
        KnownSignatures known = Verify("client", "plain", null).Signatures!;

        Assert.Equal((KeyAlgorithm.Rsa, KeyAlgorithm.RsaPss), (key.Algorithm, pss.Algorithm));
        Assert.Equal(true, known.IsSigned(Parsed("client"), key));
        Assert.Null(known.IsSigned(Parsed("client"), pss));
        Assert.Null(known.IsSigned(Parsed("plain"), key));
    }

    // Another object identifier of the same length in front of the same numbers (RFC 4055 §1.2).
    private static byte[] ForPssOnly(byte[] key)
    {
        byte[] rsa = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
        int at = key.AsSpan().IndexOf(rsa) + rsa.Length;
        // Parameters are NULL for the one and absent for the other; NULL becomes an empty sequence, which means all defaults.
        (key[at - 1], key[at]) = (0x0A, 0x30);
        return key;
    }

    private static RevocationRules Rules(params CertificateRevocationList[] lists) => RevocationRules.Create(lists, CrlPolicy.Strict, TimeSpan.Zero, []);

    private TrustAnchors Anchors(params string[] names) => TrustAnchors.Parse(string.Concat(names.Select(name => _openssl.Text(name + ".crt"))));

    private ParsedCertificate Parsed(string name) => ParsedCertificate.TryParse(_openssl.Der(name + ".crt"), out _)!;

    private KnownSignatures Signed(string certificate, string signer) => KnownSignatures.Of([Parsed(certificate), Parsed(signer)]);

    private Verdict Verify(string leaf, string anchor, KnownSignatures? known) =>
        ClientChainVerifier.Verify(_openssl.Der(leaf + ".crt"), [], Anchors(anchor), RevocationRules.None, TimeProvider.System.GetUtcNow(), known);
}
