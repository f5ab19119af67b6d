using System.Buffers.Binary;
using System.Text;

namespace Gatehouse.Load;

/// <summary>
/// The least of HTTP/2 (RFC 9113) that keeps a number of streams busy with one GET after the other, and accepts only 200 with the expected
/// body. Names and path go over the wire once and are referred to by number from then on (RFC 7541), as every common client does.
/// </summary>
internal sealed class Http2Connection
{
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4, Padded = 8, Priority = 32;
    private const int HeaderTableSize = 1, MaxConcurrentStreams = 3;
    private const int FrameHead = 9;

    // :method GET and :scheme https of the static table; then :path and :authority, the last and the last but one of the dynamic table.
    private static readonly byte[] s_request = [0x82, 0x87, 0xBE, 0xBF];

    private readonly LoadConnection _connection;
    private readonly BenchAccount _account;
    private readonly Dictionary<int, Answer> _open = [];
    private readonly List<byte> _output = new(1024);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _filled, _nextStream = 1;
    private bool _isWelcomed;

    /// <summary>Preface, SETTINGS both ways, a window without end for what will come, and the first request, which teaches the server the names.</summary>
    /// <exception cref="BenchFailedException">The server cannot be talked to in this way.</exception>
    public Http2Connection(LoadConnection connection, BenchAccount account)
    {
        (_connection, _account) = (connection, account);
        _output.AddRange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Frame(Settings, 0, 0, []);
        Frame(8, 0, 0, [0x7F, 0, 0, 0]);
        Flush();
        while (!_isWelcomed)
            _ = Take();
        // Literals that enter the dynamic table: index 1 is the name :authority, 4 is :path.
        Ask([0x82, 0x87, 0x41, .. Text(account.HostName), 0x44, .. Text(account.RequestPath)]);
        Flush();
        while (_open.Count > 0)
            _ = Take();
    }

    /// <summary>Keeps <paramref name="streams"/> requests in flight until <paramref name="isOver"/>; returns how many were answered rightly.</summary>
    public long Run(int streams, Func<bool> isOver)
    {
        for (var i = 0; i < streams; i++)
            Ask(s_request);
        Flush();
        var done = 0L;
        while (_open.Count > 0)
        {
            var answered = Take();
            done += answered;
            for (var over = isOver(); answered > 0 && !over; answered--)
                Ask(s_request);
            Flush();
        }
        return done;
    }

    private void Ask(ReadOnlySpan<byte> block)
    {
        _open.Add(_nextStream, new Answer());
        Frame(Headers, EndHeaders | EndStream, _nextStream, block);
        _nextStream += 2;
    }

    /// <summary>Reads once and takes what frames there are; returns how many streams ended.</summary>
    private int Take()
    {
        var read = _connection.Read(_buffer.AsSpan(_filled));
        if (read == 0)
            throw new BenchFailedException("The server closed an HTTP/2 connection that was in use.");
        _filled += read;
        var (at, ended) = (0, 0);
        while (_filled - at >= FrameHead)
        {
            var frame = _buffer.AsSpan(at);
            var length = (frame[0] << 16) | (frame[1] << 8) | frame[2];
            if (length > _buffer.Length - FrameHead)
                throw new BenchFailedException($"The server sent a frame of {length} bytes.");
            if (_filled - at < FrameHead + length)
                break;
            if (Understand(frame[3], frame[4], BinaryPrimitives.ReadInt32BigEndian(frame[5..]) & int.MaxValue, frame.Slice(FrameHead, length)))
                ended++;
            at += FrameHead + length;
        }
        _buffer.AsSpan(at, _filled - at).CopyTo(_buffer);
        _filled -= at;
        return ended;
    }

    private bool Understand(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case Settings when (flags & Ack) == 0:
                Check(payload);
                Frame(Settings, Ack, 0, []);
                _isWelcomed = true;
                return false;
            case Ping when (flags & Ack) == 0:
                Frame(Ping, Ack, 0, payload);
                return false;
            case GoAway or Reset:
                throw new BenchFailedException($"The server ended HTTP/2 with frame {type}: {Convert.ToHexString(payload)}.");
            case Headers or Data when _open.TryGetValue(stream, out var answer):
                if ((flags & Padded) != 0 || (type == Headers && (flags & Priority) != 0))
                    throw new BenchFailedException("The server pads or prioritizes, which this client does not read.");
                if (type == Headers)
                    answer.IsOk |= IsOk(payload);
                else
                    answer.Add(payload, _account);
                if ((flags & EndStream) == 0)
                    return false;
                if (!answer.IsOk || answer.Length != _account.ExpectedBody.Length)
                    throw new BenchFailedException($"An HTTP/2 answer is not the expected one: status 200: {answer.IsOk}, {answer.Length} bytes.");
                return _open.Remove(stream);
            default:
                return false;
        }
    }

    private static void Check(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= 6; settings = settings[6..])
        {
            var (name, value) = (BinaryPrimitives.ReadUInt16BigEndian(settings), BinaryPrimitives.ReadUInt32BigEndian(settings[2..]));
            if (name == HeaderTableSize && value < 4096)
                throw new BenchFailedException($"The server keeps a header table of {value} bytes only, which this client does not respect.");
            if (name == MaxConcurrentStreams && value < 8)
                throw new BenchFailedException($"The server allows {value} streams at once only.");
        }
    }

    // An answer begins with :status; 200 is entry 8 of the static table. Before it may come changes of the table's size.
    private static bool IsOk(ReadOnlySpan<byte> block)
    {
        while (block.Length > 0 && (block[0] & 0xE0) == 0x20)
        {
            var more = (block[0] & 0x1F) == 0x1F;
            block = block[1..];
            while (more && block.Length > 0)
            {
                more = (block[0] & 0x80) != 0;
                block = block[1..];
            }
        }
        return block.Length > 0 && block[0] == 0x88;
    }

    private static byte[] Text(string value) => [(byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private void Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameHead];
        (head[0], head[1], head[2], head[3], head[4]) = (0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(head[5..], stream);
        _output.AddRange(head);
        _output.AddRange(payload);
    }

    private void Flush()
    {
        if (_output.Count == 0)
            return;
        _connection.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_output));
        _output.Clear();
    }

    private sealed class Answer
    {
        public bool IsOk { get; set; }
        public int Length { get; private set; }

        public void Add(ReadOnlySpan<byte> data, BenchAccount account)
        {
            if (!account.ExpectedBody.AsSpan(Math.Min(Length, account.ExpectedBody.Length)).StartsWith(data))
                throw new BenchFailedException($"An HTTP/2 answer has an unexpected body: {Encoding.ASCII.GetString(data)}");
            Length += data.Length;
        }
    }
}
