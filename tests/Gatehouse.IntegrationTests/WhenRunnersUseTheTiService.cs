using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>curl through the agent listener, as runners come: LOOSE and STRICT, dedicated FQDN and shared host, with and without certificate.</summary>
public sealed class WhenRunnersUseTheTiService : IAsyncLifetime
{
    private const string Q = "accountId=acc1&orgId=default&projectId=shop&pipelineId=ci&buildId=1&stageId=build&stepId=test";
    private const string Host = "customer1.agent.localhost", Shared = "gatehouse.localhost";
    private const string GlobalToken = "a global token for managers elsewhere";

    private GatehouseSystem _system = null!;
    private OpenSsl.Pair _ca = null!, _client = null!;

    public async ValueTask InitializeAsync()
    {
        _system = await GatehouseSystem.StartAsync(new Dictionary<string, string?> { ["GATEHOUSE__SERVICES__TISERVICEGLOBALTOKEN"] = GlobalToken });
        _ca = await _system.OpenSsl.CreateCaAsync();
        _client = await _system.OpenSsl.CreateClientAsync(_ca);
        await _system.CreateAccountAsync("acc1");
        await _system.EnableMtlsAsync("acc1", "customer1", _ca, MtlsMode.LOOSE);
    }

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    [Fact]
    public async Task Loose_and_strict_hold_there_as_everywhere()
    {
        var token = await TokenAsync();
        var agent = Path.Combine(_system.Data, "ti", "agents", "java", "java-agent.jar");
        Directory.CreateDirectory(Path.GetDirectoryName(agent)!);
        await File.WriteAllTextAsync(agent, "the agent", TestContext.Current.CancellationToken);
        Assert.Equal((200, 200, 200), (await StatusAsync(Host, _client), await StatusAsync(Host, null), await StatusAsync(Shared, null)));
        Assert.Equal(400, (await _system.Curl.GetAsync(Host, $"/ti-service/reports/summary?{Q}", _client)).Status);

        await _system.SetModeAsync("acc1", MtlsMode.STRICT);
        Assert.Equal((200, 403, 401), (await StatusAsync(Host, _client), await StatusAsync(Host, null), await StatusAsync(Shared, null)));
        var refused = await _system.Curl.GetAsync(Shared, $"/ti-service/token?accountId=acc1", null, "--header", $"X-Harness-Token: {GlobalToken}");
        Assert.Equal("mtls_required", refused.Header(HeaderNames.GatehouseRefusal));
        // The recording agent comes the same way: as runners do it, link by link and with the token.
        var links = await AgentAsync("/ti-service/agents/link?accountId=acc1&language=java&os=linux&arch=amd64&framework=&version=&buildenv=", _client);
        var link = new Uri(System.Text.Json.JsonDocument.Parse(links.Body).RootElement[0].GetProperty("url").GetString()!);
        Assert.Equal($"https://{Host}:{_system.AgentPort}/ti-service/agents/file/java/java-agent.jar", link.GetLeftPart(UriPartial.Path));
        var file = await AgentAsync(link.PathAndQuery, _client);
        Assert.Equal((200, "the agent"), (file.Status, file.Body));
        Assert.Equal(403, (await AgentAsync(link.PathAndQuery, null)).Status);
        // The account of the connection is the account of the query, whoever's token it is.
        Assert.Equal(403, (await _system.Curl.GetAsync(Host, $"/ti-service/reports/summary?{Q.Replace("acc1", "acc2", StringComparison.Ordinal)}", _client, "--header", $"X-Harness-Token: {token}")).Status);

        Task<Curl.Answer> AgentAsync(string path, OpenSsl.Pair? client) => _system.Curl.GetAsync(Host, path, client, "--header", $"X-Harness-Token: {token}");

        async Task<int> StatusAsync(string host, OpenSsl.Pair? client) =>
            (await _system.Curl.GetAsync(host, $"/ti-service/reports/summary?{Q}", client, "--header", $"X-Harness-Token: {token}")).Status;
    }

    [Fact]
    public async Task A_report_larger_than_other_requests_may_be_goes_in_compressed_and_comes_out_compressed()
    {
        var token = await TokenAsync();
        var report = _system.Directory.File("report.json");
        await File.WriteAllTextAsync(report, "[" + string.Join(',', Enumerable.Range(0, 6_000).Select(i =>
            $$"""{"name":"test {{i}}","class_name":"com.shop.Test{{i % 100}}","suite_name":"all","result":{"status":"{{(i % 100 == 0 ? "failed" : "passed")}}"},"duration_ms":3,"stdout":"{{new string('x', 700)}}"}""")) + "]", TestContext.Current.CancellationToken);
        Assert.True(new FileInfo(report).Length > Limits.MaxRequestBodyBytes);
        await CommandLine.MustAsync("gzip", "--keep", report);
        string[] header = ["--header", $"X-Harness-Token: {token}", "--header", "Content-Type:"];
        var written = await _system.Curl.GetAsync(
            Host, $"/ti-service/reports/write?{Q}&report=junit&repo=https://git.example.com/shop.git&sha=c1", _client, [.. header, "--header", "Content-Encoding: gzip", "--data-binary", $"@{report}.gz"]);
        Assert.True(written.Status == 204, written.Body + written.Command.Error);
        var plain = await _system.Curl.GetAsync(Host, $"/ti-service/reports/write?{Q}&report=junit&repo=https://git.example.com/shop.git&sha=c1", _client, [.. header, "--data-binary", $"@{report}"]);
        Assert.Equal(204, plain.Status);
        var cases = await _system.Curl.GetAsync(Host, $"/ti-service/reports/test_cases?{Q}&report=junit&pageSize=100", _client, [.. header, "--compressed"]);
        Assert.Equal("gzip", cases.Header("Content-Encoding"));
        Assert.Contains("\"totalItems\":12000", cases.Body, StringComparison.Ordinal);

        // The operator sees it, too, with the key and the build's name.
        string[] build = ["--account", "acc1", "--org", "default", "--project", "shop", "--pipeline", "ci", "--build", "1"];
        Assert.Equal(1, (await _system.CliAsync(["ti", "summary", .. build])).ExitCode);
        Assert.Contains("120 tests in all", await _system.MustAsync(["ti", "tests", .. build, "--failed"]), StringComparison.Ordinal);
        Assert.Contains("No step of this build", (await _system.CliAsync(["ti", "overview", .. build])).All, StringComparison.Ordinal);

        using var stranger = new HttpClient();
        using var refused = await stranger.GetAsync(new Uri($"{_system.OperatorUrl}/api/v1/accounts/acc1/ti/summary?{Q}"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);

        // Nothing of it is lost when the server is killed.
        await _system.Server.DisposeAsync();
        await _system.StartServerAsync();
        var summary = await _system.Curl.GetAsync(Host, $"/ti-service/reports/summary?{Q}&report=junit", _client, header);
        Assert.Contains("\"total_tests\":12000,\"failed_tests\":120", summary.Body, StringComparison.Ordinal);

        // Who gets the same id later finds nothing.
        await _system.MustAsync("account", "delete", "acc1");
        await _system.CreateAccountAsync("acc1");
        Assert.Equal(0, (await _system.CliAsync(["ti", "summary", .. build])).ExitCode);
        Assert.DoesNotContain("12000", await _system.MustAsync(["ti", "summary", .. build]), StringComparison.Ordinal);
    }

    private async Task<string> TokenAsync()
    {
        var answer = await _system.Curl.GetAsync(Host, "/ti-service/token?accountId=acc1", _client, "--header", $"X-Harness-Token: {GlobalToken}");
        Assert.True(answer.Status == 200, answer.Body);
        return answer.Body;
    }
}
