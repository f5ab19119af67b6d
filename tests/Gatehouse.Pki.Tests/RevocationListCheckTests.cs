namespace Gatehouse.Pki.Tests;

/// <summary>What an upload is told.</summary>
public sealed class RevocationListCheckTests : IDisposable
{
    private const string Ca = "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nkeyUsage=critical,keyCertSign";
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [InlineData(",cRLSign", null)]
    [InlineData("", RevocationListCodes.IssuerMayNotSign)]
    public void List_of_an_anchor(string usage, string? error)
    {
        _openssl.Root("ca", "/CN=CA", Ca + usage);
        CertificateRevocationList list = _openssl.Crl("ca");

        RevocationListReport report = Check(list, "ca", list.ThisUpdate);

        Assert.Equal(error is null ? [] : [error], report.Errors.Select(finding => finding.Code));
        Assert.Equal("CN=CA", report.Signer?.Subject);
        Assert.Equal([RevocationListCodes.StaleSoon], report.Warnings.Select(finding => finding.Code));
    }

    [Fact]
    public void Forged_list_is_an_error_and_a_stranger_only_a_warning()
    {
        _openssl.Root("ca", "/CN=CA", Ca + ",cRLSign");
        _openssl.Root("other", "/CN=Other", Ca + ",cRLSign");
        CertificateRevocationList list = _openssl.Crl("ca");
        byte[] forged = list.Der.ToArray();
        forged[^3] ^= 1;

        Assert.Equal([RevocationListCodes.SignatureWrong], Check(CertificateRevocationList.Parse(forged), "ca", list.ThisUpdate).Errors.Select(finding => finding.Code));
        RevocationListReport stranger = Check(list, "other", list.ThisUpdate);
        Assert.True(stranger.IsUsable);
        Assert.Null(stranger.Signer);
        Assert.Equal(RevocationListCodes.IssuerNotAnchor, stranger.Warnings[0].Code);
    }

    [Fact]
    public void Second_key_of_the_ca_is_a_warning()
    {
        _openssl.Root("ca", "/CN=CA", Ca + ",cRLSign");
        _openssl.Root("new", "/CN=CA", Ca + ",cRLSign");
        CertificateRevocationList list = _openssl.Crl("new");
        RevocationListReport report = Check(list, "ca", list.ThisUpdate);
        Assert.True(report.IsUsable);
        Assert.Equal(RevocationListCodes.SeparateKey, report.Warnings[0].Code);
    }

    [Theory]
    [InlineData("authorityKeyIdentifier=keyid")]
    [InlineData(null)]
    public void Lists_of_one_key_for_the_same_certificates_are_one_series(string? extensions)
    {
        _openssl.Root("ca", "/CN=CA", Ca + ",cRLSign");
        _openssl.Root("again", "/CN=CA", Ca + ",cRLSign");
        CertificateRevocationList first = _openssl.Crl("ca", "first", extensions), second = _openssl.Crl("ca", "second", extensions);
        CertificateRevocationList other = _openssl.Crl("again", "other", extensions), part = _openssl.Crl("ca", "part", "issuingDistributionPoint=critical,@p\n[p]\nonlyuser=TRUE");
        string series = Check(first, "ca", first.ThisUpdate).Series;

        Assert.Equal(series, Check(second, "ca", first.ThisUpdate).Series);
        Assert.NotEqual(series, Check(other, "again", first.ThisUpdate).Series);
        Assert.NotEqual(series, Check(part, "ca", first.ThisUpdate).Series);
    }

    [Fact]
    public void Dates_and_deltas_are_warned_of()
    {
        _openssl.Root("ca", "/CN=CA", Ca + ",cRLSign");
        CertificateRevocationList list = _openssl.Crl("ca", extensions: "freshestCRL=URI:http://ca.example/delta");
        Assert.Contains(Check(list, "ca", list.ThisUpdate).Warnings, finding => finding.Code == RevocationListCodes.HasDeltas);
        Assert.Contains(Check(list, "ca", list.ThisUpdate.AddMinutes(-12)).Warnings, finding => finding.Code == RevocationListCodes.NotYetValid && finding.Message.Contains("12 minutes in the future"));
        Assert.Contains(Check(list, "ca", list.ThisUpdate.AddDays(3)).Warnings, finding => finding.Code == RevocationListCodes.Stale && finding.Message.Contains("out of date for 2 days"));
    }

    private RevocationListReport Check(CertificateRevocationList list, string anchor, DateTimeOffset now) =>
        RevocationListCheck.Check(list, TrustAnchors.Parse(_openssl.Text(anchor + ".crt")), now);
}
