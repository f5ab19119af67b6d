using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gatehouse.Client;

/// <summary>One exchange with the TI service: token on, body compressed, answer read under a bound.</summary>
internal sealed class TiTransport(AgentHttp http, Uri service, string token, TimeProvider time)
{
    private const string TokenHeader = "X-Harness-Token";
    private const int MaxAnswerBytes = 64 * 1024 * 1024;
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Between attempts while the service is away.</summary>
    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    /// <summary>Asks, again when the service is away for a moment; default when a success has no body, or when it is not wanted.</summary>
    /// <param name="method">The method.</param>
    /// <param name="route">Below the service's address.</param>
    /// <param name="query">Added; values are escaped.</param>
    /// <param name="json">The body; null for none.</param>
    /// <param name="answer">What the answer is; null: none is wanted.</param>
    /// <param name="limit">For one attempt.</param>
    /// <param name="cancel">Ends it.</param>
    internal async Task<T?> AskAsync<T>(
        HttpMethod method, string route, IReadOnlyList<(string Name, string Value)> query, byte[]? json, JsonTypeInfo<T>? answer, TimeSpan limit, CancellationToken cancel)
    {
        var body = json is null ? null : Compress(json);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await ExchangeAsync(method, route, query, body, answer, limit, cancel);
            }
            catch (ConnectionFailedException away) when (away.IsServerAway && attempt < s_pauses.Length)
            {
                await Task.Delay(s_pauses[attempt], time, cancel);
            }
        }
    }

    /// <summary>Sends; again only when the connection was never made.</summary>
    internal async Task SendOnceAsync(string route, IReadOnlyList<(string Name, string Value)> query, byte[] json, TimeSpan limit, CancellationToken cancel)
    {
        var body = Compress(json);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await ExchangeAsync<object>(HttpMethod.Post, route, query, body, null, limit, cancel);
                return;
            }
            catch (ConnectionFailedException away) when (away.Kind == ConnectionFaultKind.NotReachable && attempt < s_pauses.Length)
            {
                await Task.Delay(s_pauses[attempt], time, cancel);
            }
        }
    }

    private async Task<T?> ExchangeAsync<T>(
        HttpMethod method, string route, IReadOnlyList<(string Name, string Value)> query, byte[]? body, JsonTypeInfo<T>? answer, TimeSpan limit, CancellationToken cancel)
    {
        var address = new Uri(service, $"{route}?{string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"))}");
        using var deadline = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        using var request = new HttpRequestMessage(method, address) { Version = System.Net.HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation(TokenHeader, token);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Content.Headers.ContentEncoding.Add("gzip");
        }

        var identity = http.Identity;
        try
        {
            return await http.UseAsync(async invoker =>
            {
                using var response = await invoker.SendAsync(request, both.Token);
                if (!response.IsSuccessStatusCode)
                    throw RefusalReader.Read(response.StatusCode, response.Headers, (await ReadAsync(response, MaxErrorBytes, both.Token)).Span);
                if (answer is null)
                    return default;
                var json = await ReadAsync(response, MaxAnswerBytes, both.Token);
                return json.Length == 0 ? default : JsonSerializer.Deserialize(json.Span, answer);
            });
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure) when (failure is JsonException or InvalidDataException)
        {
            throw new ConnectionFailedException(
                ConnectionFaultKind.ServerNotTrusted, $"The answer of {service} to {route} is not what a TI service says.", "Check that TI_SERVICE_URL leads to one.", failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            throw ConnectionFaults.Explain(failure, address, identity);
        }
    }

    private static byte[] Compress(byte[] json)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(json);
        return packed.ToArray();
    }

    /// <summary>At most <paramref name="limit"/> bytes, also of what few compressed ones unpack to.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancel)
    {
        await using var sent = await response.Content.ReadAsStreamAsync(cancel);
        await using var plain = response.Content.Headers.ContentEncoding.Contains("gzip", StringComparer.OrdinalIgnoreCase) ? new GZipStream(sent, CompressionMode.Decompress) : sent;
        using var kept = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await plain.ReadAsync(buffer, cancel)) > 0)
        {
            if (kept.Length + read > limit)
                throw new IOException($"the answer is larger than {limit} bytes");
            kept.Write(buffer, 0, read);
        }

        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }
}

/// <summary>A bare JSON string, which is what a call graph travels in.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class TiTextJson : JsonSerializerContext;
