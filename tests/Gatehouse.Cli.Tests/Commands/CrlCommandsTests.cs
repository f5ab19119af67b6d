using System.Text.Json;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class CrlCommandsTests
{
    private const string Pem = "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
    private const string Crl = """
        {"id":"c1","issuer":"CN=CA Cert,O=Example ORG","number":"1000","thisUpdate":"2026-01-02T03:04:05Z","nextUpdate":"2026-01-03T03:04:05Z",
        "daysLeft":-1.0,"state":"REFUSING","warning":"It is a day late: upload the next one.","sha256":"AB","count":3,"bytes":400,"uploadedAt":"2026-01-02T03:04:06Z"}
        """;

    [Fact]
    public async Task Add_SendsTheFileAsItIs_AndTellsWarnings()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts/acme/mtls/crls", $$"""{"crl":{{Crl}},"changed":true,"replaced":{{Crl.Replace("1000", "0FFF", StringComparison.Ordinal)}},"warnings":["It is a day late."]}""");
        using var line = new CommandLine(server);
        line.WriteFile("ca.crl", Pem);

        var ended = await line.RunAsync("mtls", "crl", "add", "ca.crl", "--account", "acme");
        var forced = await line.RunAsync("mtls", "crl", "add", "ca.crl", "--account", "acme", "--force", "--output", "json");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("CRL stored in the place of number 0FFF of 2026-01-02 03:04:05 UTC; it counts from now on.\n", ended.Out, StringComparison.Ordinal);
        Assert.EndsWith("Warning: It is a day late.\n", ended.Out, StringComparison.Ordinal);
        Assert.Equal(["/api/v1/accounts/acme/mtls/crls", "/api/v1/accounts/acme/mtls/crls?force=true"], server.Seen.Select(request => request.PathAndQuery));
        Assert.All(server.Seen, request => Assert.Equal(Pem, request.Body));
        using var json = JsonDocument.Parse(forced.Out);
        Assert.Equal("c1", json.RootElement.GetProperty("crl").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData("", "is empty")]
    [InlineData(Pem + "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n", "holds a private key")]
    public async Task BadFile_IsNamedBeforeAnyRequest(string? content, string expected)
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);
        if (content is not null)
        {
            line.WriteFile("my.crl", content);
        }

        var ended = await line.RunAsync("mtls", "crl", "add", "my.crl", "--account", "acme");

        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("'my.crl' " + expected, ended.Error, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task List_ShowsAgeAndWhatItMeans()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/mtls/crls", $"[{Crl}]");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("mtls", "crl", "list", "--account", "acme");

        Assert.Equal(0, ended.ExitCode);
        Assert.Matches(@"\nc1 +CN=CA Cert,O=Example ORG +1000 +3 +2026-01-02 03:04:05 UTC +2026-01-03 03:04:05 UTC +REFUSING\n", ended.Out);
        Assert.EndsWith("c1: It is a day late: upload the next one.\n", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_NamesTheList()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("DELETE /api/v1/accounts/acme/mtls/crls/c1", "", 204);
        using var line = new CommandLine(server);

        Assert.Equal("CRL c1 of account acme removed.\n", (await line.RunAsync("mtls", "crl", "remove", "c1", "--account", "acme")).Out);
    }

    [Fact]
    public async Task Policy_IsShown_OrSetInPart()
    {
        await using var server = await FakeServer.StartAsync();
        const string answer = """{"policy":"grace","graceSeconds":43200}""";
        server.On("GET /api/v1/accounts/acme/mtls/crl-policy", answer).On("PUT /api/v1/accounts/acme/mtls/crl-policy", answer);
        using var line = new CommandLine(server);

        var shown = await line.RunAsync("mtls", "crl", "policy", "--account", "acme");
        await line.RunAsync("mtls", "crl", "policy", "ignore-stale", "--account", "acme");
        await line.RunAsync("mtls", "crl", "policy", "--grace", "12h", "--account", "acme");
        var wrong = await line.RunAsync("mtls", "crl", "policy", "lax", "--account", "acme");

        Assert.StartsWith("grace: past its nextUpdate a CRL still counts for 12 h,", shown.Out, StringComparison.Ordinal);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Equal(["GET", "PUT", "PUT"], server.Seen.Select(request => request.Method));
        Assert.Equal(
            [("ignore-stale", null), (null, 43200L)],
            server.Seen.Skip(1).Select(request => JsonSerializer.Deserialize<JsonElement>(request.Body)).Select(body => (Text(body, "policy"), Number(body, "graceSeconds"))));
        static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;
        static long? Number(JsonElement body, string name) => body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
    }
}
