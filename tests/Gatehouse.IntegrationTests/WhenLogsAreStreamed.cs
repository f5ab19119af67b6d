using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>The log service behind the gateway, with curl as its client: one FQDN, one door, nothing lost.</summary>
public sealed partial class WhenLogsAreStreamed(WhenLogsAreStreamed.LogSystem log) : IClassFixture<WhenLogsAreStreamed.LogSystem>
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
                await System.EnableMtlsAsync(account, prefix, ca, MtlsMode.LOOSE);
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
        Assert.Equal(("text/event-stream", "no-cache", "no", "*"), (events.Header("content-type"), events.Header("cache-control"), events.Header("x-accel-buffering"), events.Header("access-control-allow-origin")));
        Assert.Equal(": ping\n" + string.Concat(lines.TrimEnd().Split('\n').Select(line => $"data: {line}\n\n")) + "event: error\ndata: eof\n\n", events.Body);

        var blob = await CallAsync(token, Step, "GET", "/blob");
        Assert.Equal((200, lines), (blob.Status, blob.Body));
        Assert.Equal("{\n  \"error_msg\": \"stream: not found\"\n}", (await WriteAsync(token, Step, "late", 2)).Body);
    }

    [Fact]
    public async Task Admission_is_the_managers()
    {
        (string Mode, (string Host, bool WithCertificate, string Outcome)[] Rows)[] table =
        [
            ("LOOSE", [(Own, true, "204 "), (Own, false, "204 "), (Shared, false, "204 "), (Rival, true, "403 account_mismatch")]),
            ("STRICT", [(Own, true, "204 "), (Own, false, "403 client_certificate_required"), (Shared, false, "401 mtls_required"), (Rival, true, "403 account_mismatch")]),
        ];
        var token = await TokenAsync();
        foreach (var (mode, rows) in table)
        {
            await _system.SetModeAsync("acc1", Enum.Parse<MtlsMode>(mode));
            foreach (var (host, withCertificate, outcome) in rows)
            {
                var answer = await _system.Curl.GetAsync(host, $"/log-service/stream?accountID=acc1&key={Step}", withCertificate ? _client : null,
                    "--request", "POST", "--header", $"X-Harness-Token: {token}");
                Assert.Equal((mode, host, withCertificate, outcome), (mode, host, withCertificate, $"{answer.Status} {answer.Header("Gatehouse-Refusal")}"));
            }
        }
    }

    [Fact]
    public async Task Account_of_token_query_and_connection_agree()
    {
        var token = await TokenAsync();
        await _system.SetModeAsync("acc1", MtlsMode.LOOSE);
        foreach (var account in new[] { "acc2", "acc1&accountID=acc2", "acc1&accountId=acc2" })
            Assert.InRange((await _system.Curl.GetAsync(Shared, $"/log-service/stream?accountID={account}&key=k", null, "--header", $"X-Harness-Token: {token}")).Status, 400, 403);
        Assert.Equal(400, (await _system.Curl.GetAsync(Shared, "/log-service/stream?accountID=acc1&key=k")).Status);
        var altered = token[..^5] + (token[^5] == 'A' ? 'B' : 'A') + token[^4..];
        Assert.Equal(400, (await _system.Curl.GetAsync(Shared, "/log-service/stream?key=k", null, "--header", $"X-Harness-Token: {token}")).Status);
        Assert.Equal(403, (await _system.Curl.GetAsync(Shared, "/log-service/stream?accountID=acc1&key=k", null, "--header", $"X-Harness-Token: {altered}")).Status);
        // Browsers' EventSource sets no header.
        Assert.Equal(200, (await _system.Curl.GetAsync(Shared, $"/log-service/stream?accountID=acc1&key=k&X-Harness-Token={token}")).Status);
    }

    [Fact]
    public async Task Links_lead_back_through_the_name_that_was_used_and_are_no_way_around_the_certificate()
    {
        const string Key = "accountId%3Aacc1%2FrunSequence%3A7%2Fa%20b%2Bc";
        var token = await TokenAsync();
        await _system.SetModeAsync("acc1", MtlsMode.LOOSE);
        // As runners do it: any status below 400 is success to them, so that a redirect would lose the log.
        var upload = await LinkAsync(Own, "", "upload");
        Assert.Equal((204, null), await FollowAsync(Own, upload, _client, "--request", "PUT", "--header", "Content-Type:", "--data-binary", "by link"));
        var download = await LinkAsync(Own, "/gateway", "download");
        var read = await _system.Curl.GetAsync(Own, download, _client);
        Assert.Equal((200, null, "by link"), (read.Status, read.Header("Location"), read.Body));
        Assert.Equal((204, null), await FollowAsync(Shared, await LinkAsync(Shared, "", "upload"), null, "--request", "PUT", "--data-binary", "by another way"));
        Assert.Equal("by another way", (await CallAsync(token, Key, "GET", "/blob")).Body);
        foreach (var (good, bad) in new[] { ("b%2Bc", "b%2Bd"), ("expires=", "expires=1"), ("/download?", "/upload?") })
            Assert.Equal((403, null), await FollowAsync(Own, download.Replace(good, bad, StringComparison.Ordinal), _client, bad == "/upload?" ? ["--request", "PUT", "--data-binary", "x"] : []));
        Assert.Equal((403, "account_mismatch"), await FollowAsync(Rival, download, _client));

        await _system.SetModeAsync("acc1", MtlsMode.STRICT);
        Assert.Equal((200, null), await FollowAsync(Own, download, _client));
        Assert.Equal((403, "client_certificate_required"), await FollowAsync(Own, download, null));
        Assert.Equal((401, "mtls_required"), await FollowAsync(Shared, upload, null, "--request", "PUT", "--data-binary", "x"));
        Assert.Equal("by another way", (await CallAsync(token, Key, "GET", "/blob")).Body);

        async Task<string> LinkAsync(string host, string before, string purpose)
        {
            var answer = await _system.Curl.GetAsync(host, $"{before}/log-service/blob/link/{purpose}?accountID=acc1&key={Key}", host == Own ? _client : null,
                "--request", "POST", "--header", $"X-Harness-Token: {token}");
            Assert.True(answer.Status == 200, answer.Body);
            var link = JsonDocument.Parse(answer.Body).RootElement;
            Assert.Equal(3_600_000_000_000, link.GetProperty("expires").GetInt64());
            var (address, path) = (link.GetProperty("link").GetString()!, $"/log-service/blob/{purpose}?");
            Assert.StartsWith($"https://{host}:{_system.AgentPort}{path}", address, StringComparison.Ordinal);
            return address[address.IndexOf(path, StringComparison.Ordinal)..];
        }

        async Task<(int Status, string? Refusal)> FollowAsync(string host, string link, OpenSsl.Pair? client, params string[] arguments)
        {
            var answer = await _system.Curl.GetAsync(host, link, client, arguments);
            Assert.Null(answer.Header("Location"));
            return (answer.Status, answer.Header("Gatehouse-Refusal"));
        }
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
