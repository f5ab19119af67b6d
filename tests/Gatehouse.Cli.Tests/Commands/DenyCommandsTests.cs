using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class DenyCommandsTests
{
    private const string Path = "/api/v1/accounts/acme/mtls/denied";
    private const string Entry = """{"id":"d1","kind":"serial","value":"0A1B","issuer":"CN=CA Cert,O=Example ORG","note":"stolen","createdAt":"2026-01-02T03:04:05Z","createdBy":"operator"}""";

    [Theory]
    [InlineData("serial", "0A:1B", "/O=Example ORG/CN=CA Cert", "--serial", "0A:1B", "--issuer", "/O=Example ORG/CN=CA Cert")]
    [InlineData("sha256", "ab:cd", null, "--sha256", "ab:cd")]
    [InlineData("key", "abcd", null, "--key-sha256", "abcd")]
    public async Task Add_SendsWhatIsNamed(string kind, string value, string? issuer, params string[] arguments)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST " + Path, Entry, 201);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync(["mtls", "deny", "add", "--account", "acme", "--note", "stolen", .. arguments]);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("Denied from now on at account acme:\n", ended.Out, StringComparison.Ordinal);
        Assert.Equal((kind, value, issuer, "stolen"), Sent(Assert.Single(server.Seen)));
    }

    [Theory, InlineData(null), InlineData("key"), InlineData("sha256"), InlineData("serial")]
    public async Task Add_ReadsTheCertificate_AndSendsItsNumbersAlone(string? by)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST " + Path, Entry, 201);
        using var line = new CommandLine(server);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=delegate", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        line.WriteFile("client.crt", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());

        var ended = await line.RunAsync(["mtls", "deny", "add", "--account", "acme", "--cert", "client.crt", .. by is null ? Array.Empty<string>() : ["--by", by]]);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        var (kind, value, issuer, _) = Sent(Assert.Single(server.Seen));
        Assert.Equal(by ?? "key", kind);
        Assert.Equal(by switch
        {
            "sha256" => certificate.GetCertHashString(HashAlgorithmName.SHA256),
            "serial" => Convert.ToHexString(certificate.SerialNumberBytes.Span.TrimStart((byte)0)),
            _ => Convert.ToHexString(SHA256.HashData(key.ExportSubjectPublicKeyInfo())),
        }, value);
        Assert.Equal(by == "serial" ? "#" + Convert.ToHexString(certificate.IssuerName.RawData) : null, issuer);
    }

    [Theory]
    [InlineData("Say what to deny in one way")]
    [InlineData("Say what to deny in one way", "--sha256", "AB", "--key-sha256", "CD")]
    [InlineData("--serial and --issuer go together", "--serial", "0A")]
    [InlineData("--by goes with --cert", "--sha256", "AB", "--by", "key")]
    [InlineData("'ca.key': This is the private key", "--cert", "ca.key")]
    public async Task Add_UnclearOrUnreadable_IsExplainedBeforeAnyRequest(string expected, params string[] arguments)
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);
        line.WriteFile("ca.key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");

        var ended = await line.RunAsync(["mtls", "deny", "add", "--account", "acme", .. arguments]);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task ListAndRemove_NameTheEntry()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET " + Path, $"[{Entry}]").On($"DELETE {Path}/d1", "", 204);
        using var line = new CommandLine(server);

        var list = await line.RunAsync("mtls", "deny", "list", "--account", "acme");
        var json = await line.RunAsync("mtls", "deny", "list", "--account", "acme", "--output", "json");
        var removed = await line.RunAsync("mtls", "deny", "remove", "d1", "--account", "acme");
        var unknown = await line.RunAsync("mtls", "deny", "remove", "d2", "--account", "acme");

        Assert.Matches(@"\nd1 +serial +0A1B +CN=CA Cert,O=Example ORG +2026-01-02 03:04:05 UTC +stolen\n", list.Out);
        Assert.Equal("serial", JsonSerializer.Deserialize<JsonElement>(json.Out)[0].GetProperty("kind").GetString());
        Assert.Equal("Entry d1 of account acme removed.\n", removed.Out);
        Assert.Equal(1, unknown.ExitCode);
    }

    private static (string?, string?, string?, string?) Sent(SeenRequest request)
    {
        var body = JsonSerializer.Deserialize<JsonElement>(request.Body);
        return (Text("kind"), Text("value"), Text("issuer"), Text("note"));
        string? Text(string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
