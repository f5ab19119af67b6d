using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

[UnsupportedOSPlatform("windows")]
public sealed class CertificateCommandsTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task CaAndClient_AreMade_AndGetIn()
    {
        using var line = new CommandLine();

        var ca = await line.RunAsync("certs", "create-ca", "--out", "ca", "--key", "ec:p256");
        var client = await line.RunAsync(
            "certs", "create-client", "--ca", "ca/ca.crt", "--ca-key", "ca/ca.key", "--out", "client", "--key", "ec:p256", "--name", "delegate-1", "--output", "json");
        var verify = await line.RunAsync("certs", "verify", "--ca", "ca/ca.crt", "--key", "client/client.key", "client/client.crt");

        Assert.Equal((0, 0, 0), (ca.ExitCode, client.ExitCode, verify.ExitCode));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(line.Folder, "ca/ca.key")));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(line.Folder, "client/client.key")));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", File.ReadAllText(Path.Combine(line.Folder, "client/client.key")), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(client.Out);
        Assert.Equal("client/client.crt", json.RootElement.GetProperty("certificatePath").GetString());
        Assert.Equal(["delegate-1"], json.RootElement.GetProperty("certificate").GetProperty("dnsNames").EnumerateArray().Select(name => name.GetString()));
        Assert.StartsWith("Accepted until ", verify.Out, StringComparison.Ordinal);
        using var pair = X509Certificate2.CreateFromPemFile(Path.Combine(line.Folder, "client/client.crt"), Path.Combine(line.Folder, "client/client.key"));
        Assert.Equal("CN=delegate-1, O=Example ORG", pair.Subject);
    }

    [Fact]
    public async Task NothingIsOverwritten_WithoutForce()
    {
        using var line = new CommandLine();
        await line.RunAsync("certs", "create-ca", "--out", ".", "--key", "ec:p256");
        var before = File.ReadAllText(Path.Combine(line.Folder, "ca.key"));

        var again = await line.RunAsync("certs", "create-ca", "--out", ".", "--key", "ec:p256");
        var unchanged = File.ReadAllText(Path.Combine(line.Folder, "ca.key"));
        var forced = await line.RunAsync("certs", "create-ca", "--out", ".", "--key", "ec:p256", "--force");

        Assert.Equal((2, before), (again.ExitCode, unchanged));
        Assert.Contains("--force", again.Error, StringComparison.Ordinal);
        Assert.Equal(0, forced.ExitCode);
        Assert.NotEqual(before, File.ReadAllText(Path.Combine(line.Folder, "ca.key")));
    }

    [Fact]
    public async Task Verify_AnotherCa_IsNo_WithTheCode()
    {
        using var line = new CommandLine();
        foreach (var name in new[] { "one", "two" })
        {
            await line.RunAsync("certs", "create-ca", "--out", name, "--key", "ec:p256", "--subject", $"/CN={name}");
        }

        await line.RunAsync("certs", "create-client", "--ca", "one/ca.crt", "--ca-key", "one/ca.key", "--out", "one", "--key", "ec:p256");

        var ended = await line.RunAsync("certs", "verify", "--ca", "two/ca.crt", "one/client.crt");

        Assert.Equal(1, ended.ExitCode);
        Assert.StartsWith("Refused, certificate_unknown_ca: ", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_NeverShowsAKey_AndWarnsOfIt()
    {
        using var line = new CommandLine();
        await line.RunAsync("certs", "create-ca", "--out", ".", "--key", "ec:p256");
        var key = File.ReadAllText(Path.Combine(line.Folder, "ca.key"));
        line.WriteFile("both.pem", File.ReadAllText(Path.Combine(line.Folder, "ca.crt")) + key);

        var ended = await line.RunAsync("certs", "inspect", "both.pem");

        Assert.Equal(0, ended.ExitCode);
        Assert.Matches(@"Private key +PKCS#8, EC P-256 \(not shown\)", ended.Out);
        Assert.Contains("certificate 1 of this file", ended.Out, StringComparison.Ordinal);
        Assert.Contains("holds a private key", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('\n')[1], ended.Out + ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is no kind of key", "create-ca", "--out", ".", "--key", "rsa:1024")]
    [InlineData("'nowhere/ca.crt' does not exist", "create-client", "--out", ".", "--ca", "nowhere/ca.crt", "--ca-key", "k")]
    [InlineData("0", "create-ca", "--out", ".", "--key", "ec:p256", "--days", "0")]
    [InlineData("'text' holds neither PEM", "inspect", "text")]
    public async Task BadInput_IsNamed_AndNothingIsWritten(string expected, params string[] arguments)
    {
        using var line = new CommandLine();
        line.WriteFile("text", "no certificate");

        var ended = await line.RunAsync(["certs", .. arguments]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(line.Folder));
    }
}
