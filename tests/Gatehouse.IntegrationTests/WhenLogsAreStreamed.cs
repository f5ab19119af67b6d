using System.Text.Json;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>The log service behind the gateway, with curl as its client: one FQDN, one door, nothing lost.</summary>
public sealed class WhenLogsAreStreamed(WhenLogsAreStreamed.LogSystem log) : IClassFixture<WhenLogsAreStreamed.LogSystem>
{
    private const string Own = "customer1.agent.localhost", Rival = "customer2.agent.localhost", Shared = "localhost";
    private const string Step = "accountId%3Aacc1%2FpipelineId%3Ap%2Flevel0%3Astep%201";
    private readonly GatehouseSystem _system = log.System;
    private readonly OpenSsl.Pair _client = log.Client;

    /// <summary>One system for all of them: two accounts that trust the same CA, each with its endpoint.</summary>
    public sealed class LogSystem : IAsyncLifetime
    {
        internal GatehouseSystem System { get; private set; } = null!;
        internal OpenSsl.Pair Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            System = await GatehouseSystem.StartAsync();
            var ca = await System.OpenSsl.CreateCaAsync("ca1");
            Client = await System.OpenSsl.CreateClientAsync(ca, "client1");
            foreach (var (account, prefix) in new[] { ("acc1", "customer1"), ("acc2", "customer2") })
            {
                await System.CreateAccountAsync(account);
                await System.MustAsync("mtls", "enable", "--account", account, "--prefix", prefix, "--ca", ca.Certificate, "--mode", "LOOSE");
            }
        }

        public async ValueTask DisposeAsync() => await System.DisposeAsync();
    }

    [Fact]
    public async Task Opened_written_followed_and_closed()
    {
        var token = await TokenAsync();
        Assert.Equal(200, (await _system.Curl.GetAsync(Own, "/log-service/healthz", _client)).Status);
        Assert.Equal("OK", (await _system.Curl.GetAsync(Own, "/gateway/log-service/healthz", _client)).Body);
        Assert.Equal(204, (await CallAsync(token, Step, "POST", "/stream")).Status);
        Assert.Equal(204, (await WriteAsync(token, Step, "first", 0)).Status);
        var tail = CallAsync(token, Step, "GET", "/stream", "", "--no-buffer");
        await Eventually.TrueAsync("the tail to be open", async () => (await CallAsync(token, "", "GET", "/stream/info")).Body.Contains("\"subscribers\": 1", StringComparison.Ordinal));
        Assert.Equal(204, (await WriteAsync(token, Step, "zweite Zeile \u00e4\u20ac\U0001F600 <&>", 1)).Status);
        Assert.Equal(204, (await CallAsync(token, Step, "DELETE", "/stream", "&snapshot=true")).Status);

        var lines = Line("first", 0) + "\n" + Line("zweite Zeile \u00e4\u20ac\U0001F600 <&>", 1) + "\n";
        var events = await tail;
        Assert.Equal("text/event-stream", events.Header("content-type"));
        Assert.Equal(": ping\n" + string.Concat(lines.TrimEnd().Split('\n').Select(line => $"data: {line}\n\n")) + "event: error\ndata: eof\n\n", events.Body);

        var blob = await CallAsync(token, Step, "GET", "/blob");
        Assert.Equal((200, lines), (blob.Status, blob.Body));
        Assert.Equal("{\n  \"error_msg\": \"stream: not found\"\n}", (await WriteAsync(token, Step, "late", 2)).Body);
    }

    [Theory]
    [InlineData("LOOSE", Own, true, 204, null)]
    [InlineData("LOOSE", Own, false, 204, null)]
    [InlineData("LOOSE", Shared, false, 204, null)]
    [InlineData("LOOSE", Rival, true, 403, "account_mismatch")]
    [InlineData("STRICT", Own, true, 204, null)]
    [InlineData("STRICT", Own, false, 403, "client_certificate_required")]
    [InlineData("STRICT", Shared, false, 401, "mtls_required")]
    [InlineData("STRICT", Rival, true, 403, "account_mismatch")]
    public async Task Admission_is_the_managers(string mode, string host, bool withCertificate, int status, string? refusal)
    {
        var token = await TokenAsync();
        await _system.MustAsync("mtls", "mode", "--account", "acc1", mode);
        var answer = await _system.Curl.GetAsync(host, $"/log-service/stream?accountID=acc1&key={Step}", withCertificate ? _client : null,
            "--request", "POST", "--header", $"X-Harness-Token: {token}");
        Assert.Equal((status, refusal), (answer.Status, answer.Header("Gatehouse-Refusal")));
    }

    [Fact]
    public async Task Account_of_token_query_and_connection_agree()
    {
        var token = await TokenAsync();
        await _system.MustAsync("mtls", "mode", "--account", "acc1", "LOOSE");
        foreach (var account in new[] { "acc2", "acc1&accountID=acc2", "acc1&accountId=acc2" })
            Assert.InRange((await _system.Curl.GetAsync(Shared, $"/log-service/stream?accountID={account}&key=k", null, "--header", $"X-Harness-Token: {token}")).Status, 400, 403);
        Assert.Equal(400, (await _system.Curl.GetAsync(Shared, "/log-service/stream?accountID=acc1&key=k")).Status);
        Assert.Equal(400, (await _system.Curl.GetAsync(Shared, "/log-service/stream?key=k", null, "--header", $"X-Harness-Token: {token}")).Status);
        Assert.Equal(403, (await _system.Curl.GetAsync(Shared, "/log-service/stream?accountID=acc1&key=k", null, "--header", $"X-Harness-Token: {token[..^2]}AA")).Status);
        // Browsers' EventSource sets no header.
        Assert.Equal(200, (await _system.Curl.GetAsync(Shared, $"/log-service/stream?accountID=acc1&key=k&X-Harness-Token={token}")).Status);
    }

    [Fact]
    public async Task Killed_it_has_every_line_that_was_acknowledged_a_second_before()
    {
        var token = await TokenAsync();
        Assert.Equal(204, (await CallAsync(token, Step, "POST", "/stream")).Status);
        var acknowledged = new List<(int Line, DateTime At)>();
        using var killed = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var line = 0; !killed.IsCancellationRequested && (await WriteAsync(token, Step, $"line {line}", line)).Status == 204; line++)
                acknowledged.Add((line, TimeProvider.System.GetUtcNow().UtcDateTime));
        }, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("two seconds of lines", () => Task.FromResult(acknowledged.Count > 1 && acknowledged[^1].At - acknowledged[0].At > TimeSpan.FromSeconds(2)));
        await _system.Server.KillAsync();
        var at = TimeProvider.System.GetUtcNow().UtcDateTime;
        await killed.CancelAsync();
        await writing;
        await _system.StartServerAsync();

        Assert.Equal(204, (await CallAsync(token, Step, "DELETE", "/stream", "&snapshot=true")).Status);
        var kept = (await CallAsync(token, Step, "GET", "/blob")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("out").GetString()!.TrimEnd()).ToList();
        var owed = acknowledged.Count(one => at - one.At > TimeSpan.FromSeconds(1));
        Assert.True(owed > 0 && kept.Count >= owed, $"{kept.Count} of {owed} lines that were acknowledged a second before");
        Assert.Equal(kept, Enumerable.Range(0, kept.Count).Select(line => $"line {line}"));
    }

    private async Task<string> TokenAsync()
    {
        var global = (await File.ReadAllTextAsync(Path.Combine(_system.Data, "log-service.token"))).Trim();
        var answer = await _system.Curl.GetAsync(Own, "/log-service/token?accountID=acc1", _client, "--header", $"X-Harness-Token: {global}");
        Assert.True(answer.Status == 200 && !answer.Body.Contains('='), answer.Body);
        return answer.Body;
    }

    // As Go clients do it: without a content type.
    private Task<Curl.Answer> WriteAsync(string token, string key, string text, int pos) =>
        CallAsync(token, key, "PUT", "/stream", "", "--header", "Content-Type:", "--data-binary", $"[{Line(text, pos)}]");

    private Task<Curl.Answer> CallAsync(string token, string key, string method, string path, string query = "", params string[] arguments) =>
        _system.Curl.GetAsync(Own, $"/log-service{path}?accountID=acc1&key={key}{query}", _client,
            ["--request", method, "--header", $"X-Harness-Token: {token}", .. arguments]);

    private static string Line(string text, int pos) =>
        $"{{\"level\":\"info\",\"pos\":{pos},\"out\":\"{text}\\n\",\"time\":\"2026-11-30T08:00:00.123456789+01:00\",\"args\":null}}";
}
