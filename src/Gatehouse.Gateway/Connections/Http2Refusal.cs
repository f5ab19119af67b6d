using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>
/// The HTTP/2 half of <see cref="RefusalResponder"/> (RFC 9113). It reads frame headers only: the first HEADERS frame names the stream to
/// answer, and no header block is ever decoded.
/// </summary>
internal static class Http2Refusal
{
    private const int FrameHeaderBytes = 9;
    private const int MaxFrameBytes = 16 * 1024;
    private const byte Data = 0, Headers = 1, Settings = 4, GoAway = 7;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Waits for the first request's HEADERS frame, then answers it. False when none came or the peer does not speak HTTP/2.</summary>
    public static async Task<bool> AnswerAsync(IDuplexPipe pipe, RefusalCode code, byte[] body, CancellationToken cancellationToken)
    {
        // Our preface: an empty SETTINGS frame (RFC 9113 §3.4).
        WriteFrame(pipe.Output, Settings, 0, 0, []);
        await pipe.Output.FlushAsync(cancellationToken);

        if (await ReadFirstStreamAsync(pipe, cancellationToken) is not { } id)
            return false;

        WriteFrame(pipe.Output, Headers, EndHeaders, id, HeaderBlock(code, body.Length));
        for (var sent = 0; sent < body.Length; sent += MaxFrameBytes)
        {
            var part = body.AsSpan(sent, Math.Min(MaxFrameBytes, body.Length - sent));
            WriteFrame(pipe.Output, Data, sent + part.Length == body.Length ? EndStream : (byte)0, id, part);
        }
        // No RST_STREAM to a client in mid-upload, though RFC 9113 §8.1 allows it: curl then throws the answer away.
        Span<byte> goAway = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(goAway, id);
        WriteFrame(pipe.Output, GoAway, 0, 0, goAway);
        await pipe.Output.FlushAsync(cancellationToken);
        return true;
    }

    private static async Task<int?> ReadFirstStreamAsync(IDuplexPipe pipe, CancellationToken cancellationToken)
    {
        var prefaceSeen = false;
        while (true)
        {
            var result = await pipe.Input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (!prefaceSeen && buffer.Length >= Preface.Length)
            {
                if (!StartsWithPreface(buffer))
                    return null;
                buffer = buffer.Slice(Preface.Length);
                prefaceSeen = true;
            }

            var acknowledge = false;
            int? found = null;
            while (prefaceSeen && found is null && TryReadFrame(ref buffer, out var type, out var flags, out var id, out var tooLong))
            {
                if (tooLong)
                    return null;
                if (type == Headers && id % 2 == 1)
                    found = id;
                acknowledge |= type == Settings && (flags & Ack) == 0;
            }
            pipe.Input.AdvanceTo(buffer.Start, buffer.End);

            if (acknowledge)
                WriteFrame(pipe.Output, Settings, Ack, 0, []);
            if (found is not null)
                return found;
            if (acknowledge)
                await pipe.Output.FlushAsync(cancellationToken);
            if (result.IsCompleted)
                return null;
        }
    }

    private static bool StartsWithPreface(ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[24];
        buffer.Slice(0, Preface.Length).CopyTo(start);
        return start.SequenceEqual(Preface);
    }

    private static bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out byte type, out byte flags, out int id, out bool tooLong)
    {
        (type, flags, id, tooLong) = (0, 0, 0, false);
        if (buffer.Length < FrameHeaderBytes)
            return false;
        Span<byte> header = stackalloc byte[FrameHeaderBytes];
        buffer.Slice(0, FrameHeaderBytes).CopyTo(header);
        var length = (header[0] << 16) | (header[1] << 8) | header[2];
        (type, flags) = (header[3], header[4]);
        id = BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue;
        tooLong = length > MaxFrameBytes;
        if (!tooLong && buffer.Length < FrameHeaderBytes + length)
            return false;
        if (!tooLong)
            buffer = buffer.Slice(FrameHeaderBytes + length);
        return true;
    }

    private static void WriteFrame(PipeWriter output, byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var span = output.GetSpan(FrameHeaderBytes);
        (span[0], span[1], span[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (span[3], span[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(span[5..], stream);
        output.Advance(FrameHeaderBytes);
        output.Write(payload);
    }

    // Literals without indexing and without Huffman (RFC 7541 §6.2.2); names by the static table where it has them (appendix A).
    private static byte[] HeaderBlock(RefusalCode code, int contentLength) =>
    [
        0x08, .. Text("403"),                                       // :status
        0x0F, 0x10, .. Text("application/json"),                    // content-type, index 31
        0x0F, 0x0D, .. Text(contentLength.ToString(System.Globalization.CultureInfo.InvariantCulture)), // content-length, index 28
        0x00, .. Text("gatehouse-refusal"), .. Text(code.Name()),
    ];

    // Lengths below 127 are one byte; all of ours are.
    private static byte[] Text(string value) => [(byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
