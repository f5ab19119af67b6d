using System.Buffers.Text;
using System.Text;

namespace Gatehouse.Load;

/// <summary>Reads HTTP/1.1 answers off one stream and accepts only 200 with the expected body.</summary>
internal sealed class AnswerReader(Stream stream, LoadTarget target)
{
    private static ReadOnlySpan<byte> Ok => "HTTP/1.1 200 "u8;
    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>Reads one answer.</summary>
    /// <exception cref="BenchFailedException">It is not the expected one.</exception>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        var filled = 0;
        while (!IsComplete(_buffer.AsSpan(0, filled)))
        {
            var read = filled == _buffer.Length ? 0 : await stream.ReadAsync(_buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
                throw Wrong(filled);
            filled += read;
        }
    }

    // One request in flight: whatever follows the body is not ours, and so wrong.
    private bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf(EndOfHead);
        if (end < 0)
            return false;
        if (!answer.StartsWith(Ok) || ContentLength(answer[..(end + 2)]) != LoadTarget.ExpectedBody.Length)
            throw Wrong(answer.Length);
        var body = answer[(end + EndOfHead.Length)..];
        if (body.Length < LoadTarget.ExpectedBody.Length)
            return false;
        return body.SequenceEqual(LoadTarget.ExpectedBody.Span) ? true : throw Wrong(answer.Length);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        while (head.IndexOf("\r\n"u8) is >= 0 and var end)
        {
            var line = head[..end];
            head = head[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon == 14 && Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8)
                && Utf8Parser.TryParse(line[(colon + 1)..].TrimStart((byte)' '), out int length, out _))
                return length;
        }
        return -1;
    }

    private BenchFailedException Wrong(int length) => new(length == 0
        ? $"{target.Name} closed the connection without an answer."
        : $"{target.Name} did not give the expected answer but:\n{Encoding.ASCII.GetString(_buffer, 0, Math.Min(length, 600))}");
}
