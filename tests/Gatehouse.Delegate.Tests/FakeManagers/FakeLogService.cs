using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate.Tests;

/// <summary>What befalls one request.</summary>
internal enum Mishap
{
    None,

    /// <summary>The connection breaks before it is looked at.</summary>
    NotTaken,

    /// <summary>It is done, and the connection breaks before the answer.</summary>
    AnswerLost,

    /// <summary>The service comes back without its newest lines.</summary>
    LinesLost,

    /// <summary>The service comes back without the stream.</summary>
    StreamLost,

    /// <summary>503.</summary>
    Overloaded,
}

/// <summary>A log service as far as a writer can tell (log and TI sheet §4), with the numbers of ours, and with everything that can befall a request.</summary>
internal sealed class FakeLogService : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<string>> _streams = [];
    private readonly Dictionary<string, List<string>> _blobs = [];
    private TaskCompletionSource _nextRequest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;

    /// <summary>Decides for each request.</summary>
    public Func<Mishap> Next { get; set; } = () => Mishap.None;

    /// <summary>When set, every request is answered so.</summary>
    public (int Status, string Message)? Refusal { get; set; }

    /// <summary>Method, query and body of every request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Done when the next request has come, whatever befalls it.</summary>
    public Task NextRequest => Volatile.Read(ref _nextRequest).Task;

    public ConcurrentQueue<string> Tokens { get; } = new();

    public int Port { get; } = FreePorts.Next();

    public Uri Address => new($"http://localhost:{Port}/log-service/");

    public static async Task<FakeLogService> StartAsync()
    {
        var service = new FakeLogService();
        await service.StartListeningAsync();
        return service;
    }

    public async Task StartListeningAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port));
        _app = builder.Build();
        _app.Map("/log-service/{**path}", HandleAsync);
        await _app.StartAsync();
    }

    public async Task StopListeningAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopListeningAsync();

    /// <summary>What was kept when the stream was closed; null: it was not.</summary>
    public IReadOnlyList<string>? Blob(string key)
    {
        lock (_lock)
            return _blobs.GetValueOrDefault(key)?.ToArray();
    }

    /// <summary>What the open stream holds.</summary>
    public IReadOnlyList<string> Stream(string key)
    {
        lock (_lock)
            return _streams.GetValueOrDefault(key)?.ToArray() ?? [];
    }

    private async Task HandleAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        Requests.Enqueue($"{context.Request.Method} {Uri.UnescapeDataString(context.Request.QueryString.Value!)} {body}");
        Interlocked.Exchange(ref _nextRequest, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        Tokens.Enqueue(context.Request.Headers["X-Harness-Token"].ToString());
        var mishap = Refusal is null ? Next() : Mishap.None;
        if (mishap == Mishap.NotTaken)
        {
            context.Abort();
            return;
        }

        var (status, answer) = Refusal is { } refusal ? (refusal.Status, Error(refusal.Message))
            : mishap == Mishap.Overloaded ? (503, Error("later")) : Do(context.Request, body, mishap);
        if (mishap == Mishap.AnswerLost)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        if (answer is not null)
            await context.Response.WriteAsync(answer);
    }

    private (int Status, string? Answer) Do(HttpRequest request, string body, Mishap mishap)
    {
        var key = request.Query["key"].ToString();
        lock (_lock)
        {
            if (mishap == Mishap.StreamLost)
                _streams.Remove(key);
            if (mishap == Mishap.LinesLost && _streams.TryGetValue(key, out var losing))
                losing.RemoveRange(losing.Count / 2, losing.Count - (losing.Count / 2));
            switch (request.Method)
            {
                case "POST":
                    _streams[key] = [];
                    return (204, null);
                case "PUT":
                    return _streams.TryGetValue(key, out var lines) ? Take(lines, int.Parse(request.Query["firstLine"]!, System.Globalization.CultureInfo.InvariantCulture), body) : (400, Error("stream: not found"));
                default:
                    if (_streams.TryGetValue(key, out var closing) && Take(closing, int.Parse(request.Query["firstLine"]!, System.Globalization.CultureInfo.InvariantCulture), "[]") is (409, _) and var missing)
                        return missing;
                    if (!_streams.Remove(key, out var closed))
                        return _blobs.ContainsKey(key) ? (204, null) : (404, Error("stream: not found"));
                    _blobs[key] = closed;
                    return (204, null);
            }
        }
    }

    private static (int Status, string? Answer) Take(List<string> lines, int first, string body)
    {
        if (first > lines.Count)
            return (409, JsonSerializer.Serialize(new { error_msg = "lines are missing", next_line = lines.Count }));
        lines.AddRange(JsonDocument.Parse(body).RootElement.EnumerateArray().Skip(lines.Count - first).Select(line => line.GetProperty("out").GetString()!));
        return (204, null);
    }

    private static string Error(string message) => JsonSerializer.Serialize(new { error_msg = message });
}
