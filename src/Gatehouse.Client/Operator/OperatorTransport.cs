using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;

namespace Gatehouse.Client.Operator;

/// <summary>Sends one call of the operator API and turns every way it can fail into <see cref="OperatorApiException"/>.</summary>
internal sealed class OperatorTransport : IDisposable
{
    /// <summary>For the whole of a call that does not stream.</summary>
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly Uri _server;

    public OperatorTransport(Uri server, string apiKey, HttpMessageHandler? handler)
    {
        _server = server;

        // An address on this machine never goes through HTTP_PROXY: the key would travel with it.
        handler ??= new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), AllowAutoRedirect = false, UseProxy = !server.IsLoopback };
        _http = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Add(HeaderNames.ApiKey, apiKey);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>One call with an answer that is read as a whole.</summary>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> answer, HttpContent? body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body, HttpCompletionOption.ResponseContentRead, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync(answer, cancellationToken)
                ?? throw new JsonException("The answer is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new OperatorApiException(OperatorApiException.BadAnswer, $"{_server} answered {method} {path} with something this program cannot read. Is it a Gatehouse operator address, and of the same version?", (int)response.StatusCode, e);
        }
    }

    /// <summary>One call whose answer has no body that matters.</summary>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body: null, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>The answer as a stream without a time limit: the caller's token ends it.</summary>
    public Task<HttpResponseMessage> OpenStreamAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, body: null, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? body, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (completion == HttpCompletionOption.ResponseContentRead)
        {
            limit.CancelAfter(s_callTimeout);
        }

        try
        {
            var response = await _http.SendAsync(request, completion, limit.Token);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await OperatorErrors.ReadAsync(_server, response, limit.Token);
            }
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e.InnerException?.Message ?? e.Message, e);
        }
        catch (IOException e)
        {
            throw Unreachable(e.Message, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {s_callTimeout.TotalSeconds:0} s", e);
        }
    }

    private OperatorApiException Unreachable(string why, Exception cause) => new(
        OperatorApiException.Unreachable,
        $"Cannot reach the Gatehouse server at {_server}: {why.TrimEnd('.')}. Start it with 'gatehouse serve', or name another with --server or GATEHOUSE_SERVER.",
        status: 0,
        cause);
}
