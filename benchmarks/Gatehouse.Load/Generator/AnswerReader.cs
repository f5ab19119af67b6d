using System.Buffers.Text;
using System.Text;

namespace Gatehouse.Load;

/// <summary>Reads HTTP/1.1 answers and accepts only 200 with the expected body. One for each thread.</summary>
internal sealed class AnswerReader
{
    private static ReadOnlySpan<byte> Ok => "HTTP/1.1 200 "u8;
    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>One request and its answer on a connection that stays open.</summary>
    /// <exception cref="BenchFailedException">It is not the expected answer.</exception>
    public void Keep(LoadConnection connection, BenchAccount account)
    {
        connection.Write(account.KeepRequest);
        Read(connection, account);
    }

    /// <summary>One request, its answer, and the server's end of the connection, which was asked for.</summary>
    /// <exception cref="BenchFailedException">It is not the expected answer.</exception>
    public void Last(LoadConnection connection, BenchAccount account)
    {
        connection.Write(account.CloseRequest);
        Read(connection, account);
        if (connection.Read(_buffer) > 0)
            throw new BenchFailedException("Something follows the answer.");
    }

    private void Read(LoadConnection connection, BenchAccount account)
    {
        var filled = 0;
        while (!IsComplete(_buffer.AsSpan(0, filled), account))
        {
            var read = filled == _buffer.Length ? 0 : connection.Read(_buffer.AsSpan(filled));
            if (read == 0)
                throw Wrong(filled);
            filled += read;
        }
    }

    // One request in flight: whatever follows the body is not ours, and so wrong.
    private bool IsComplete(ReadOnlySpan<byte> answer, BenchAccount account)
    {
        var end = answer.IndexOf(EndOfHead);
        if (end < 0)
            return false;
        if (!answer.StartsWith(Ok) || ContentLength(answer[..(end + 2)]) != account.ExpectedBody.Length)
            throw Wrong(answer.Length);
        var body = answer[(end + EndOfHead.Length)..];
        if (body.Length < account.ExpectedBody.Length)
            return false;
        return body.SequenceEqual(account.ExpectedBody) ? true : throw Wrong(answer.Length);
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
        ? "The server closed the connection without an answer."
        : $"The server did not give the expected answer but:\n{Encoding.ASCII.GetString(_buffer, 0, Math.Min(length, 600))}");
}
