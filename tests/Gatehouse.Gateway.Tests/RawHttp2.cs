using System.Text;

namespace Gatehouse.Gateway.Tests;

/// <summary>A request of HTTP/2 with any fields at all, byte by byte.</summary>
internal static class RawHttp2
{
    /// <summary>Asks with GET on a new connection: status and body; "reset" when there was none.</summary>
    public static async Task<(string Status, string Body)> AskAsync(Stream stream, string path, IEnumerable<(string Name, string Value)> fields)
    {
        const int Data = 0, Headers = 1, ResetStream = 3, GoAway = 7;
        // Literals, never indexed (RFC 7541 §6.2.3): nothing of it is a library's.
        byte[] block = [];
        foreach (var (name, value) in ((string, string)[])[(":method", "GET"), (":scheme", "https"), (":path", path), .. fields])
            block = [.. block, 0x10, (byte)name.Length, .. Encoding.Latin1.GetBytes(name), (byte)value.Length, .. Encoding.Latin1.GetBytes(value)];
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, (byte)(block.Length >> 8), (byte)block.Length, Headers, 5, 0, 0, 0, 1, .. block], TestContext.Current.CancellationToken);
        var (status, body, head) = ("reset", "", new byte[9]);
        while (true)
        {
            await stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
            var payload = new byte[head[0] << 16 | head[1] << 8 | head[2]];
            await stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
            if (head[3] == Headers)
                status = StatusOf(payload);
            else if (head[3] == Data)
                body += Encoding.Latin1.GetString(payload);
            // GOAWAY without an error says that this request is the last one.
            if (head[3] == ResetStream || (head[3] == GoAway && payload[7] != 0) || (head[3] is Headers or Data && (head[4] & 1) != 0))
                return (status, body);
        }
    }

    // Of the static table (RFC 7541 appendix A), or three digits behind its name.
    private static string StatusOf(byte[] block)
    {
        var first = (block[0] & 0xe0) == 0x20 ? 1 : 0; // A new size of the dynamic table.
        return block[first] switch { 0x88 => "200", 0x8c => "400", 0x8d => "404", 0x8e => "500", _ => Encoding.ASCII.GetString(block, first + 2, 3) };
    }
}
