using Gatehouse.Soak.Tls;

namespace Gatehouse.Soak.Clients;

/// <summary>A delegate's stream (RFC 6455) after its upgrade: asks with pings, which the server answers by itself.</summary>
internal sealed class WebSocketWire(TlsClient tls, byte[] first)
{
    private const byte PingFrame = 0x89, Close = 8, Pong = 10;
    private readonly List<byte> _bytes = [.. first];
    private readonly byte[] _buffer = new byte[8 * 1024];

    public static string UpgradeHeaders => "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    public static string Path(string accountId, string delegateId) => $"/stream/delegate/{accountId}?accountId={accountId}&delegateId={delegateId}";

    /// <summary>Sends a ping; the mask is zero, which RFC 6455 §5.3 does not forbid to a test.</summary>
    public void Ping() => tls.Write([PingFrame, 0x80, 0, 0, 0, 0]);

    /// <summary>Reads until a pong; false when none came in time.</summary>
    /// <exception cref="TlsEndedException">The stream was closed.</exception>
    public bool AwaitPong(TimeSpan limit)
    {
        while (true)
        {
            while (TryTake(out var opcode))
            {
                if (opcode == Close)
                    throw new TlsEndedException("the stream was closed", null);
                if (opcode == Pong)
                    return true;
            }
            var read = tls.Read(_buffer, limit);
            if (read == 0)
                return false;
            _bytes.AddRange(_buffer.AsSpan(0, read));
        }
    }

    private bool TryTake(out int opcode)
    {
        opcode = 0;
        if (_bytes.Count < 2)
            return false;
        int length = _bytes[1] & 0x7F, start = 2;
        if (length == 126)
        {
            if (_bytes.Count < 4)
                return false;
            (length, start) = ((_bytes[2] << 8) | _bytes[3], 4);
        }
        if (_bytes.Count < start + length)
            return false;
        opcode = _bytes[0] & 0x0F;
        _bytes.RemoveRange(0, start + length);
        return true;
    }
}
