using System.Security.Cryptography.X509Certificates;
using Gatehouse.Testing;

namespace Gatehouse.Client.Tests;

public sealed class ServerTrustTests
{
    [Fact]
    public void Every_file_counts_as_pem_or_der_and_what_is_neither_is_named()
    {
        using var folder = new TemporaryDirectory();
        var (one, two, three) = (new TestPki(), new TestPki(), new TestPki());
        File.WriteAllText(folder.File("a.pem"), one.Ca.CertificatePem + "\n" + two.Ca.CertificatePem);
        using var der = X509Certificate2.CreateFromPem(three.Ca.CertificatePem);
        File.WriteAllBytes(folder.File("b.der"), der.RawData);
        File.WriteAllText(folder.File("c.txt"), "hello");
        File.WriteAllText(folder.File("d.key"), one.Ca.PrivateKeyPem);
        Directory.CreateDirectory(folder.File("..data"));
        var warnings = new List<string>();
        var trust = ServerTrust.Load(folder.Path, warnings.Add);
        Assert.Equal(3, trust.ExtraRoots.Count);
        Assert.Equal(2, warnings.Count);
        Assert.Contains(folder.File("c.txt"), warnings[0], StringComparison.Ordinal);
        Assert.Contains(folder.File("d.key"), warnings[1], StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", string.Concat(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_empty() => Assert.Empty(ServerTrust.Load("/no/such/folder", Assert.Fail).ExtraRoots);
}
