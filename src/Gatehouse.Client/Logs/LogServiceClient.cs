using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gatehouse.Client;

/// <summary>
/// The log service as a writer needs it (log and TI sheet §4): open, write, close. Lines carry numbers, an addition of ours that other services
/// pass over: a write may be repeated and adds nothing twice, and a service that has lost lines says from where it wants them again.
/// Every call throws <see cref="RequestRefusedException"/> when the answer is no, <see cref="ConnectionFailedException"/> when there is none, and
/// <see cref="OperationCanceledException"/> only when its caller cancels. Nothing is retried here.
/// </summary>
public sealed class LogServiceClient : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const string TokenHeader = "X-Harness-Token";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly AgentHttp _http;
    private readonly Uri _service;
    private readonly string _accountId;
    private readonly string _version;
    private readonly TimeProvider _time;

    /// <summary>Makes one.</summary>
    /// <param name="http">Connections; owned from here on.</param>
    /// <param name="service">Address of the service, with a slash at its end.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="version">The delegate's version, sent as <c>User-Agent: delegate/…</c>.</param>
    /// <param name="time">The clock of the limits.</param>
    public LogServiceClient(AgentHttp http, Uri service, string accountId, string version, TimeProvider time) =>
        (_http, _service, _accountId, _version, _time) = (http, service, accountId, version, time);

    /// <summary>The account.</summary>
    public string AccountId => _accountId;

    /// <summary>Opens the stream, empty: what a stream of that key held is gone.</summary>
    /// <param name="token">A service token of the account; secret.</param>
    /// <param name="key">The stream.</param>
    /// <param name="lifetime">After this time the service closes it by itself; up to 24 hours count.</param>
    /// <param name="cancel">Ends waiting.</param>
    public Task OpenAsync(string token, string key, TimeSpan lifetime, CancellationToken cancel) =>
        ExchangeAsync(HttpMethod.Post, At("stream", key, ("timeout_seconds", Number((long)Math.Ceiling(lifetime.TotalSeconds)))), token, new ByteArrayContent([]), cancel);

    /// <summary>Adds lines.</summary>
    /// <param name="token">A service token of the account; secret.</param>
    /// <param name="key">The stream.</param>
    /// <param name="lines">At least one, following one another in number.</param>
    /// <param name="cancel">Ends waiting.</param>
    public async Task<LogReceipt> WriteAsync(string token, string key, IReadOnlyList<LogLine> lines, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfZero(lines.Count);
        var first = lines[0].Position;
        try
        {
            using var content = new ReadOnlyMemoryContent(Json(lines));
            content.Headers.ContentType = new("application/json");
            var (status, body) = await ExchangeAsync(HttpMethod.Put, At("stream", key, ("firstLine", Number(first))), token, content, cancel);
            return new LogReceipt(IsStreamGone: false, status == HttpStatusCode.Conflict ? NextLine(body) : first + lines.Count);
        }
        catch (RequestRefusedException refused) when (IsStreamUnknown(refused))
        {
            return new LogReceipt(IsStreamGone: true, 0);
        }
    }

    /// <summary>
    /// Closes the stream; the service keeps its lines as a blob before it answers. When it has lost some of them, nothing is closed, and the receipt says
    /// which it wants.
    /// </summary>
    /// <param name="token">A service token of the account; secret.</param>
    /// <param name="key">The stream.</param>
    /// <param name="lines">How many were written.</param>
    /// <param name="cancel">Ends waiting.</param>
    /// <returns>Gone: there is neither a stream nor, as far as the service says, a blob of an earlier closing.</returns>
    public async Task<LogReceipt> CloseAsync(string token, string key, long lines, CancellationToken cancel)
    {
        try
        {
            var (status, body) = await ExchangeAsync(HttpMethod.Delete, At("stream", key, ("snapshot", "true"), ("firstLine", Number(lines))), token, null, cancel);
            return new LogReceipt(IsStreamGone: false, status == HttpStatusCode.Conflict ? NextLine(body) : lines);
        }
        catch (RequestRefusedException refused) when (IsStreamUnknown(refused))
        {
            return new LogReceipt(IsStreamGone: true, 0);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <summary>The words are the protocol's; the status differs from route to route (sheet §4).</summary>
    private static bool IsStreamUnknown(RequestRefusedException refused) =>
        refused.Status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.InternalServerError && refused.Message == "stream: not found";

    private async Task<(HttpStatusCode Status, ReadOnlyMemory<byte> Body)> ExchangeAsync(HttpMethod method, Uri address, string token, HttpContent? content, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(s_limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        var identity = _http.Identity;
        using var request = new HttpRequestMessage(method, address) { Content = content, Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation(TokenHeader, token);
        request.Headers.TryAddWithoutValidation("User-Agent", $"delegate/{_version}");
        try
        {
            return await _http.UseAsync(async invoker =>
            {
                using var response = await invoker.SendAsync(request, both.Token);
                var body = await BoundedBody.ReadAsync(response, MaxAnswerBytes, both.Token);
                return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict
                    ? (response.StatusCode, body)
                    : throw RefusalReader.Read(response.StatusCode, response.Headers, body.Span);
            });
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            throw ConnectionFaults.Explain(failure, address, identity);
        }
    }

    private Uri At(string route, string key, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var query = $"{route}?accountID={Uri.EscapeDataString(_accountId)}&key={Uri.EscapeDataString(key)}";
        foreach (var (name, value) in more)
            query += $"&{name}={value}";
        return new Uri(_service, query);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte> Json(IReadOnlyList<LogLine> lines)
    {
        var buffer = new ArrayBufferWriter<byte>(lines.Count * 128);
        using var json = new Utf8JsonWriter(buffer, s_plain);
        json.WriteStartArray();
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("level", "info");
            json.WriteNumber("pos", line.Position);
            json.WriteString("out", line.Text);
            json.WriteString("time", line.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture));
            json.WriteNull("args");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>What a 409 wants; a 409 of somebody else's making is answered from the first line on.</summary>
    private static long NextLine(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("next_line", out var next) && next.TryGetInt64(out var line) && line >= 0
                ? line
                : 0;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return 0;
        }
    }
}
