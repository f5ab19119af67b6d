using System.Net.WebSockets;
using System.Text;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>The delegate's end of a stream. Waiting is bounded, so that a frame that never comes fails the test.</summary>
internal sealed class TestStream(ClientWebSocket socket) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public string? CloseReason => socket.CloseStatusDescription;

    public Task SendAsync(byte[] frame) => socket.SendAsync(frame, WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>The next text frame; null when the server closed.</summary>
    public async Task<string?> NextAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var frames = new List<string>();
        while (await NextAsync() is { } frame)
            frames.Add(frame);
        return frames;
    }

    public void Dispose() => socket.Dispose();
}
