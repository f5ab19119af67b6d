using System.Buffers.Binary;
using System.Text;
using Gatehouse.Soak.Tls;

namespace Gatehouse.Soak.Clients;

/// <summary>
/// The least of HTTP/2 (RFC 9113) that asks and understands an answer: literal header fields without Huffman, one stream at a time. Of an
/// answer's header block it reads what matters here, the status (static table) and the refusal's code, which our server writes as literals.
/// </summary>
internal sealed class Http2(TlsClient tls) : IExchange
{
    private const byte Data = 0, Headers = 1, Settings = 4, Ping = 6, GoAway = 7;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _filled, _nextStream = 1;

    public static ReadOnlySpan<byte> Protocol => "h2"u8;

    /// <summary>Preface and SETTINGS.</summary>
    public void Start() => tls.Write([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])]);

    public Answer Get(string host, string path, string credential)
    {
        var stream = Ask(host, path, credential, EndStream);
        Answer? answer = null;
        while (true)
        {
            var (type, flags, id, payload) = Read();
            if (type == Settings && (flags & Ack) == 0)
                tls.Write(Frame(Settings, Ack, 0, []));
            else if (type == Ping && (flags & Ack) == 0)
                tls.Write(Frame(Ping, Ack, 0, payload));
            else if (type == GoAway && BinaryPrimitives.ReadInt32BigEndian(payload) < stream)
                throw new TlsEndedException("GOAWAY before the request", null);
            else if (id == stream && type == Headers)
                answer = Understand(payload);
            else if (id == stream && type is not (Data or Headers))
                throw new TlsEndedException($"frame {type} on the stream", null);
            if (id == stream && type is Data or Headers && (flags & EndStream) != 0 && answer is { } whole)
                return whole;
        }
    }

    public void Listen() => _filled += tls.Read(_buffer.AsSpan(_filled), TimeSpan.Zero);

    /// <summary>Sends a request's HEADERS; without <see cref="EndStream"/> in <paramref name="flags"/> the request stays unfinished.</summary>
    public int Ask(string host, string path, string credential, byte flags = 0)
    {
        var stream = _nextStream;
        _nextStream += 2;
        byte[] block = [0x82, 0x87, .. Named(1, host), .. Named(4, path), .. Named(23, "Delegate " + credential)];
        tls.Write(Frame(Headers, (byte)(EndHeaders | flags), stream, block));
        return stream;
    }

    private static Answer Understand(byte[] block)
    {
        var name = block.AsSpan().IndexOf("gatehouse-refusal"u8);
        if (name < 0)
            name = block.AsSpan().IndexOf("Gatehouse-Refusal"u8);
        // Indexed :status fields 8 to 14 of the static table (RFC 7541 appendix A): 200, 204, 206, 304, 400, 404, 500; else a literal.
        var status = block[0] switch { 0x88 => 200, 0x89 => 204, 0x8C => 400, 0x8D => 404, 0x8E => 500, _ => 0 };
        if (name < 0)
            return new Answer(status, null);
        var at = name + "gatehouse-refusal".Length;
        return new Answer(status, Encoding.ASCII.GetString(block, at + 1, block[at] & 0x7F));
    }

    private (byte Type, byte Flags, int Stream, byte[] Payload) Read()
    {
        Want(9);
        var length = (_buffer[0] << 16) | (_buffer[1] << 8) | _buffer[2];
        Want(9 + length);
        var (type, flags) = (_buffer[3], _buffer[4]);
        var stream = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(5)) & int.MaxValue;
        var payload = _buffer.AsSpan(9, length).ToArray();
        _buffer.AsSpan(9 + length, _filled - 9 - length).CopyTo(_buffer);
        _filled -= 9 + length;
        return (type, flags, stream, payload);
    }

    private void Want(int count)
    {
        while (_filled < count)
        {
            var read = tls.Read(_buffer.AsSpan(_filled), s_patience);
            if (read == 0)
                throw new TlsTimeoutException($"No answer within {s_patience.TotalSeconds:0} s.");
            _filled += read;
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    // Literal without indexing, the name from the static table (RFC 7541 §6.2.2): its index has a prefix of 4 bits, the length one of 7.
    private static byte[] Named(int index, string value) => [.. Integer(index, 15), .. Integer(value.Length, 127), .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Integer(int value, int most)
    {
        if (value < most)
            return [(byte)value];
        var bytes = new List<byte> { (byte)most };
        for (value -= most; value >= 128; value >>= 7)
            bytes.Add((byte)(value | 128));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
