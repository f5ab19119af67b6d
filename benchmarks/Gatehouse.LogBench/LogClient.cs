using System.Net;

namespace Gatehouse.LogBench;

/// <summary>One client with a connection of its own, as each runner has.</summary>
internal sealed class LogClient(Uri address, string token) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = 1,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
    });

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string key, HttpContent? content = null, string query = "")
    {
        var request = new HttpRequestMessage(method, new Uri(address, $"/stream?accountID={BenchPlan.Account}&key={Uri.EscapeDataString(key)}{query}")) { Content = content };
        request.Headers.Add("X-Harness-Token", token);
        return _http.SendAsync(request, CancellationToken.None);
    }

    /// <summary>True when it was answered with 204.</summary>
    public async Task<bool> IsDoneAsync(HttpMethod method, string key, HttpContent? content = null, string query = "")
    {
        using var response = await SendAsync(method, key, content, query);
        return response.StatusCode == HttpStatusCode.NoContent;
    }

    public void Dispose() => _http.Dispose();
}
