using System.Buffers.Binary;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>
/// One HTTP/2 GET with header fields exactly as given: what a well-behaved client would never send must be sent, too (RFC 9113).
/// Of the answer it reads status and body.
/// </summary>
internal static class Http2Exchange
{
    private const int FrameHeader = 9, MaxFrames = 64, MaxBody = 64 * 1024;
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7, Continuation = 9;
    private const byte EndStream = 1, EndHeaders = 4, Padded = 8, Ack = 1, Priority = 0x20;

    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    // SETTINGS_HEADER_TABLE_SIZE 0: no dynamic table; SETTINGS_ENABLE_PUSH 0.
    private static readonly byte[] s_settings = [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];

    /// <summary>Sends and reads.</summary>
    /// <param name="stream">After a handshake that agreed on h2.</param>
    /// <param name="fields">Pseudo-header fields first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Answer> SendAsync(Stream stream, IReadOnlyList<(string Name, string Value)> fields, CancellationToken cancellationToken)
    {
        var head = new MemoryStream();
        head.Write(s_preface);
        Write(head, Settings, 0, 0, s_settings);
        Write(head, Headers, EndStream | EndHeaders, 1, HeaderBlock.Write(fields));
        await stream.WriteAsync(head.ToArray(), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return await ReadAsync(stream, cancellationToken);
    }

    private static async Task<Answer> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var answer = new Answer(Ending.Closed);
        var body = new MemoryStream();
        var header = new byte[FrameHeader];
        for (var frames = 0; frames < MaxFrames && body.Length < MaxBody; frames++)
        {
            byte[] payload;
            try
            {
                await stream.ReadExactlyAsync(header, cancellationToken);
                payload = new byte[header[0] << 16 | header[1] << 8 | header[2]];
                await stream.ReadExactlyAsync(payload, cancellationToken);
            }
            catch (IOException) when (answer.Status != 0)
            {
                break;
            }

            var (type, flags) = (header[3], header[4]);
            switch (type)
            {
                case Headers when HeaderBlock.Status(Content(payload, flags)) is { } status:
                    answer = new Answer(Ending.Http) { Status = status };
                    break;
                case Headers when answer.Status == 0:
                    return new Answer(Ending.OwnFault, "the status of the HTTP/2 answer cannot be read");
                case Data:
                    body.Write(Content(payload, flags));
                    break;
                case ResetStream or GoAway when answer.Status == 0 && !IsOrderly(type, payload):
                    return new Answer(Ending.Closed, type == GoAway ? "GOAWAY" : "RST_STREAM");
                case Settings when flags != Ack:
                    await WriteAsync(stream, Settings, Ack, [], cancellationToken);
                    break;
                case Ping when flags != Ack:
                    await WriteAsync(stream, Ping, Ack, payload, cancellationToken);
                    break;
            }

            if (type is Headers or Data or Continuation && (flags & EndStream) != 0 || type == ResetStream)
                break;
        }

        return answer with { Body = body.ToArray() };
    }

    // A GOAWAY without error announces the end; what was asked is answered all the same (RFC 9113 §6.8).
    private static bool IsOrderly(byte type, byte[] payload) => type == GoAway && payload.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4)) == 0;

    private static ReadOnlySpan<byte> Content(byte[] payload, byte flags)
    {
        var content = payload.AsSpan();
        if ((flags & Padded) != 0 && content.Length > 0 && content[0] < content.Length)
            content = content[1..^content[0]];
        return (flags & Priority) != 0 && content.Length >= 5 ? content[5..] : content;
    }

    private static async Task WriteAsync(Stream stream, byte type, byte flags, byte[] payload, CancellationToken cancellationToken)
    {
        var frame = new MemoryStream();
        Write(frame, type, flags, 0, payload);
        await stream.WriteAsync(frame.ToArray(), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    private static void Write(MemoryStream to, byte type, byte flags, uint streamId, byte[] payload)
    {
        Span<byte> header = stackalloc byte[FrameHeader];
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)payload.Length << 8);
        header[3] = type;
        header[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(header[5..], streamId);
        to.Write(header);
        to.Write(payload);
    }
}
