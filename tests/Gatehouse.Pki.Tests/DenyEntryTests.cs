using System.Text;
using CsCheck;
using Gatehouse.Testing;

namespace Gatehouse.Pki.Tests;

/// <summary>What people type, and what is stored.</summary>
public sealed class DenyEntryTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0a1b", "0A1B")]
    [InlineData("serial=0A1B", "0A1B")]
    [InlineData(" 0x00:0a:1b ", "0A1B")]
    [InlineData("a1b", "0A1B")]
    [InlineData("0", "00")]
    [InlineData("-0A", "-0A")]
    public void Serial_numbers_as_OpenSsl_and_people_write_them(string text, string serial)
    {
        DenyEntry entry = DenyEntry.Parse(DenyKind.SerialAndIssuer, text, "/O=Example ORG/CN=CA Cert");
        Assert.Equal(serial, entry.Value);
        Assert.Equal("CN=CA Cert,O=Example ORG", entry.Issuer);
        Assert.Equal(entry, DenyEntry.Parse(DenyKind.SerialAndIssuer, entry.Value, entry.Issuer));
    }

    [Theory]
    [InlineData(DenyKind.SerialAndIssuer, "xyz", "CN=a", "is no serial number")]
    [InlineData(DenyKind.SerialAndIssuer, null, "CN=a", "is no serial number")]
    [InlineData(DenyKind.SerialAndIssuer, "0A", "nobody", "The issuer \"nobody\"")]
    [InlineData(DenyKind.SerialAndIssuer, "0A", "#3000", "empty name")]
    [InlineData(DenyKind.SerialAndIssuer, "0A", "#30", "no encoded name")]
    [InlineData(DenyKind.SerialAndIssuer, "0A", null, "Give the issuer too")]
    [InlineData(DenyKind.CertificateSha256, "0A", null, "64 hex digits")]
    [InlineData(DenyKind.PublicKeySha256, "0A", "CN=a", "Leave out the issuer")]
    [InlineData((DenyKind)9, "0A", null, "no kind")]
    public void What_is_wrong_is_said(DenyKind kind, string? value, string? issuer, string message) =>
        Assert.Contains(message, Assert.Throws<DenyEntryException>(() => DenyEntry.Parse(kind, value, issuer)).Message);

    [Theory]
    [InlineData("/CN=CA Cert/O=Example ORG")]
    [InlineData("CN=O\\, no,O=\\C3\\A4")]
    public void Entries_from_a_certificate_survive_storage(string issuer)
    {
        IssuedCertificate ca = CertificateIssuer.CreateCa(issuer, 30, KeyKind.EcP256, s_now);
        IssuedCertificate client = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=Client", null, 30, KeyKind.EcP256, s_now);
        foreach (DenyKind kind in Enum.GetValues<DenyKind>())
        {
            DenyEntry entry = DenyEntry.FromCertificate(Encoding.ASCII.GetBytes(client.CertificatePem), kind);
            DenyEntry stored = DenyEntry.Parse(entry.Kind, entry.Value, entry.IssuerName);
            Assert.Equal(entry, stored);
            RevocationRules rules = RevocationRules.Create([], CrlPolicy.Strict, default, [stored]);
            Assert.Equal(CertificateFault.Denied, ClientChainVerifier.Verify(
                Parsing.PemText.Read(client.CertificatePem, 1)[0].Der, [], TrustAnchors.Parse(ca.CertificatePem), rules, s_now).Fault);
        }
    }

    [Fact]
    public void Any_text_gives_an_entry_or_its_own_exception() => Gen.Select(Gen.Int[0, 2], Gen.String, Gen.String).Fixed().Sample((kind, value, issuer) =>
    {
        try
        {
            DenyEntry entry = DenyEntry.Parse((DenyKind)kind, value, issuer);
            return entry == DenyEntry.Parse(entry.Kind, entry.Value, entry.IssuerName);
        }
        catch (DenyEntryException e)
        {
            return e.Message.Length > 0;
        }
    }, iter: 3000);
}
