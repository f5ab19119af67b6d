using System.Buffers.Binary;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// What a refused HTTP/2 client sends. Whatever it is: our SETTINGS first, acknowledgements for at most as many as it sent, and then one
/// answer on the stream of its first request, or none; GOAWAY last.
/// </summary>
internal sealed class Http2RefusalTarget : IFuzzTarget
{
    private const int MaxFrameBytes = 16 * 1024;
    private const byte Data = 0, Headers = 1, Settings = 4, GoAway = 7;
    private const byte Ack = 1, EndStream = 1;
    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    public string Name => "refusal-http2";

    public int MaxLength => 40 * 1024;

    public IEnumerable<byte[]> Seeds =>
    [
        [1, .. s_preface, .. Frame(Settings, 0, 0, []), .. Frame(Headers, 5, 1, [0x82])],
        [255, .. s_preface, .. Frame(Settings, 0, 0, new byte[18]), .. Frame(8, 0, 0, [0, 0, 1, 0]), .. Frame(Headers, 4, 1, [0x83]), .. Frame(Data, 0, 1, new byte[100])],
        [4, .. s_preface, .. Frame(Settings, Ack, 0, []), .. Frame(Headers, 4, 2, []), .. Frame(Headers, 4, 7, new byte[MaxFrameBytes])],
        [9, .. s_preface, .. Frame(Headers, 4, 3, new byte[MaxFrameBytes + 1])],
        [255, .. "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8],
    ];

    public IReadOnlyList<byte[]> Words { get; } =
        [s_preface, Frame(Settings, 0, 0, []), Frame(Settings, Ack, 0, []), Frame(Headers, 5, 1, [0x82]), Frame(Headers, 4, 0, []), Frame(9, 4, 1, []), [0, 0x40, 0], [0, 0x40, 1], [0x80, 0, 0, 1], new byte[4096]];

    public void Run(ReadOnlySpan<byte> input)
    {
        var (written, _) = RefusalPeer.Meet(input, http2: true);
        var (stream, settings) = Expect(input.Length == 0 ? input : input[1..]);
        var frames = Frames(written);
        FuzzFindingException.Unless(frames.Count > 0 && frames[0] is { Type: Settings, Flags: 0, Length: 0 }, "Our SETTINGS are not first");
        var acknowledged = 0;
        var at = 1;
        for (; at < frames.Count && frames[at].Type == Settings; at++)
        {
            FuzzFindingException.Unless(frames[at] is { Flags: Ack, Length: 0, Stream: 0 }, "A second SETTINGS frame of ours");
            acknowledged++;
        }
        FuzzFindingException.Unless(acknowledged <= settings, $"More acknowledgements than SETTINGS: {acknowledged} for {settings}");
        FuzzFindingException.UnlessEqual(stream is not null, at < frames.Count, "Answered");
        if (stream is { } id)
            CheckAnswer(frames[at..], id);
    }

    private static void CheckAnswer(List<FrameHead> frames, int stream)
    {
        FuzzFindingException.Unless(frames[0].Type == Headers && frames[^1].Type == GoAway && frames.Count >= 3, "The answer is not HEADERS, DATA, GOAWAY");
        for (var i = 0; i < frames.Count - 1; i++)
        {
            FuzzFindingException.Unless(frames[i].Type == (i == 0 ? Headers : Data) && frames[i].Length <= MaxFrameBytes, "The answer has another frame");
            FuzzFindingException.UnlessEqual(stream, frames[i].Stream, "Stream of the answer");
            FuzzFindingException.UnlessEqual(i == frames.Count - 2, i > 0 && (frames[i].Flags & EndStream) != 0, "End of the stream");
        }
    }

    /// <summary>The stream to be answered and how many SETTINGS were sent up to there; plainly, on the whole input at once.</summary>
    private static (int? Stream, int Settings) Expect(ReadOnlySpan<byte> sent)
    {
        var settings = 0;
        if (!sent.StartsWith(s_preface))
            return (null, 0);
        sent = sent[s_preface.Length..];
        while (sent.Length >= 9)
        {
            var length = (sent[0] << 16) | (sent[1] << 8) | sent[2];
            if (length > MaxFrameBytes || sent.Length < 9 + length)
                break;
            var stream = BinaryPrimitives.ReadInt32BigEndian(sent[5..]) & int.MaxValue;
            if (sent[3] == Headers && stream % 2 == 1)
                return (stream, settings);
            settings += sent[3] == Settings && (sent[4] & Ack) == 0 ? 1 : 0;
            sent = sent[(9 + length)..];
        }
        return (null, settings);
    }

    private static List<FrameHead> Frames(ReadOnlySpan<byte> written)
    {
        var frames = new List<FrameHead>();
        while (written.Length > 0)
        {
            FuzzFindingException.Unless(written.Length >= 9, "A torn frame was written");
            var length = (written[0] << 16) | (written[1] << 8) | written[2];
            FuzzFindingException.Unless(written.Length >= 9 + length, "A torn frame was written");
            frames.Add(new FrameHead(written[3], written[4], BinaryPrimitives.ReadInt32BigEndian(written[5..]), length));
            written = written[(9 + length)..];
        }
        return frames;
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private readonly record struct FrameHead(byte Type, byte Flags, int Stream, int Length);
}
