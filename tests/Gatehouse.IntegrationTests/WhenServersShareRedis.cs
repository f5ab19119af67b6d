using System.Globalization;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>Two whole servers, each with its own database and files, and live log lines of both in one Redis as it ships.</summary>
public sealed class WhenServersShareRedis : IAsyncLifetime
{
    private const string Secret = "a log secret that both servers were given", Shared = "gatehouse.localhost", Key = "accountId:acme/taskId:t1";
    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient[] _agents = new HttpClient[2];
    private ForeignServer _redis = null!;
    private GatehouseSystem[] _servers = [];

    public async ValueTask InitializeAsync()
    {
        var port = FreePorts.Next();
        _redis = await ForeignServer.StartAsync(_directory.Path, port, "redis-server", "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "");
        var environment = new Dictionary<string, string?>
        {
            ["GATEHOUSE__REDIS__CONNECTIONSTRING"] = $"127.0.0.1:{port}",
            ["GATEHOUSE__SERVICES__LOGSERVICESECRET"] = Secret,
        };
        _servers = await Task.WhenAll(GatehouseSystem.StartAsync(environment), GatehouseSystem.StartAsync(environment));
        for (var i = 0; i < _servers.Length; i++)
        {
            await _servers[i].CreateAccountAsync("acme");
            // Whose certificate it is, is asked elsewhere.
            _agents[i] = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator })
            {
                BaseAddress = new Uri($"https://127.0.0.1:{_servers[i].AgentPort}/log-service/"),
            };
            _agents[i].DefaultRequestHeaders.Host = $"{Shared}:{_servers[i].AgentPort}";
            _agents[i].DefaultRequestHeaders.Add("X-Harness-Token", ServiceTokens.Mint(Secret, "acme", DateTimeOffset.UtcNow + ServiceTokens.Lifetime));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
            agent?.Dispose();
        foreach (var server in _servers)
            await server.DisposeAsync();
        await _redis.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_one_writes_the_other_shows_and_closes_and_no_line_is_lost()
    {
        await SendAsync(0, HttpMethod.Post, "stream", "");
        using var tail = await _agents[1].GetAsync(At("stream"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await tail.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var lines = Enumerable.Range(0, 500).Select(i => $"line {i}").ToList();
        foreach (var (part, i) in lines.Chunk(25).Select((part, i) => (part, i)))
        {
            // A balancer in front of them sends each write where it likes.
            await SendAsync(i % 5 == 4 ? 1 : 0, HttpMethod.Put, "stream", $"&firstLine={i * 25}",
                "[" + string.Join(',', part.Select(text => $$"""{"level":"info","pos":0,"out":"{{text}}\n","time":"2026-11-30T12:00:00Z","args":null}""")) + "]");
        }
        await SendAsync(1, HttpMethod.Delete, "stream", $"&snapshot=true&firstLine={lines.Count}");
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(tail.IsSuccessStatusCode && text.Contains("data: ", StringComparison.Ordinal), $"{tail} {text}");
        var followed = text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).ToList();
        Assert.Equal(lines, followed.Select(line => line.Split("\"out\":\"")[1].Split("\\n")[0]));
        var blob = await _agents[1].GetStringAsync(At("blob"), TestContext.Current.CancellationToken);
        Assert.Equal(followed.Select(line => line["data: ".Length..]), blob.TrimEnd('\n').Split('\n'));
    }

    private static Uri At(string route, string more = "") => new($"{route}?accountID=acme&key={Uri.EscapeDataString(Key)}{more}", UriKind.Relative);

    private async Task SendAsync(int server, HttpMethod method, string route, string more, string? body = null)
    {
        using var request = new HttpRequestMessage(method, At(route, more)) { Content = body is null ? null : new StringContent(body) };
        using var response = await _agents[server].SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{method} {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }
}
