using System.Text;

namespace Gatehouse.LogService.Tests.Harness;

/// <summary>A reader of its own connection, which reads when it is told to.</summary>
internal sealed class OpenTail : IDisposable
{
    private readonly HttpClient _client = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Task? _waited;
    private HttpResponseMessage _response = null!;
    private Stream _stream = null!;

    public static async Task<OpenTail> StartAsync(LogHost host, string key)
    {
        var tail = new OpenTail();
        var address = new Uri(host.Client.BaseAddress!, $"/stream?accountID=acc1&key={Uri.EscapeDataString(key)}&X-Harness-Token={host.TokenOf("acc1")}");
        tail._response = await tail._client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", tail._response.Content.Headers.ContentType!.ToString());
        tail._stream = await tail._response.Content.ReadAsStreamAsync();
        return tail;
    }

    public async Task ReadToAsync(string expected)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(expected)];
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _stream.ReadExactlyAsync(bytes, limit.Token);
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Whether the text has come by now; for waiting while time is moved on.</summary>
    public bool HasMore(string expected)
    {
        _waited ??= ReadToAsync(expected);
        if (!_waited.IsCompleted)
            return false;
        _waited.GetAwaiter().GetResult();
        return true;
    }

    public async Task<string> RestAsync()
    {
        using var all = new MemoryStream();
        for (int read; (read = await _stream.ReadAsync(_buffer)) > 0;)
            all.Write(_buffer, 0, read);
        return Encoding.UTF8.GetString(all.ToArray());
    }

    public void Dispose()
    {
        _response.Dispose();
        _client.Dispose();
    }
}
