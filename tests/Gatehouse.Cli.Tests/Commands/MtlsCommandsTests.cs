using System.Text.Json;
using Gatehouse.Cli.Tests.Support;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class MtlsCommandsTests
{
    private const string Pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    private const string Endpoint = """
        {"metaData":{},"resource":{"uuid":"u","accountId":"acme","fqdn":"customer1.agent.localhost","caCertificates":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "mode":"LOOSE","domainPrefix":"customer1","generation":7,"createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z"},"responseMessages":[]}
        """;

    [Fact]
    public async Task Enable_SendsTheBundle_AndNamesTheEndpoint()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/agent/mtls/endpoint", Endpoint);
        using var line = new CommandLine(server);
        line.WriteFile("ca.crt", Pem);

        var ended = await line.RunAsync("mtls", "enable", "--account", "acme", "--prefix", "customer1", "--ca", "ca.crt", "--host", "agents.acme.example");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("mTLS endpoint customer1.agent.localhost of account acme is up, LOOSE.\n", ended.Out, StringComparison.Ordinal);
        var request = Assert.Single(server.Seen);
        Assert.Equal("/api/agent/mtls/endpoint?accountId=acme", request.PathAndQuery);
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal(
            ("customer1", Pem, "LOOSE", "agents.acme.example"),
            (Text("domainPrefix"), Text("caCertificates"), Text("mode"), Text("vanityHost")));
        string? Text(string name) => body.RootElement.GetProperty(name).GetString();
    }

    public static TheoryData<string?, string> BadFiles => new()
    {
        { null, "does not exist" },
        { "", "is empty" },
        { "  \n", "is empty" },
        { Pem + "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "holds a private key" },
        { "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n", "holds a private key" },
        { new string('x', 300 * 1024), "is larger than 256.0 KiB" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task BadCaFile_IsNamedBeforeAnyRequest(string? content, string expected)
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);
        if (content is not null)
        {
            line.WriteFile("my-ca.crt", content);
        }

        var enable = await line.RunAsync("mtls", "enable", "--account", "acme", "--prefix", "p", "--ca", "my-ca.crt");
        var set = await line.RunAsync("mtls", "ca", "set", "--account", "acme", "--ca", "my-ca.crt");

        foreach (var ended in new[] { enable, set })
        {
            Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
            Assert.Contains("'my-ca.crt' " + expected, ended.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("c2VjcmV0", ended.Error, StringComparison.Ordinal);
        }

        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task CaSet_SaysWhatIsOddAboutTheBundle_WithTheCommand()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("PATCH /api/agent/mtls/endpoint", Endpoint);
        using var line = new CommandLine(server);
        line.WriteFile("ca.crt", CertificateIssuer.CreateCa("/CN=CA", 10, KeyKind.EcP256, TimeProvider.System.GetUtcNow()).CertificatePem);

        var ended = await line.RunAsync("mtls", "ca", "set", "--account", "acme", "--ca", "ca.crt");

        Assert.Equal(0, ended.ExitCode);
        Assert.Matches("^Warning, expires_soon: .* Mend it with: gatehouse certs create-ca ", ended.Error);
    }

    [Fact]
    public async Task WrapperError_IsToldInItsWords()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("PATCH /api/agent/mtls/endpoint", """{"metaData":null,"resource":null,"responseMessages":[{"code":"INVALID_REQUEST","level":"ERROR","message":"The prefix 'a.b' has a dot.","exception":null,"failureTypes":[]}]}""", 400);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("mtls", "prefix", "--account", "acme", "a.b");

        Assert.Equal((2, "", "The prefix 'a.b' has a dot.\n"), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Fact]
    public async Task Mode_SendsTheModeAlone()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("PATCH /api/agent/mtls/endpoint", Endpoint.Replace("LOOSE", "STRICT", StringComparison.Ordinal));
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("mtls", "mode", "--account", "acme", "STRICT");

        Assert.StartsWith("customer1.agent.localhost is STRICT now.\n", ended.Out, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(Assert.Single(server.Seen).Body);
        Assert.Equal("STRICT", body.RootElement.GetProperty("mode").GetString());
        Assert.Equal(JsonValueKind.Null, body.RootElement.GetProperty("caCertificates").ValueKind);
    }

    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 1)]
    public async Task CheckPrefix_ExitCodeIsTheAnswer(string free, int exitCode)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/agent/mtls/check-availability", $$"""{"metaData":{},"resource":{{free}},"responseMessages":[]}""");
        using var line = new CommandLine(server);

        Assert.Equal(exitCode, (await line.RunAsync("mtls", "check-prefix", "--account", "acme", "customer1")).ExitCode);
    }

    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 1)]
    public async Task Readiness_ExitCodeIsTheAnswer(string ready, int exitCode)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/mtls/readiness", $$"""{"accountId":"acme","ready":{{ready}},"summary":"So it is.","since":"2026-01-02T03:04:05Z","delegatesWithMtls":1,"wouldBeBlocked":[],"warnings":["The flag is off."]}""");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("mtls", "readiness", "--account", "acme");

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.StartsWith("So it is.\n", ended.Out, StringComparison.Ordinal);
        Assert.Contains("\nWarning: The flag is off.\n", ended.Out, StringComparison.Ordinal);
    }
}
