using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>One HTTP/1.1 request as text, exactly as given, and the head and body of what comes back. Bounded.</summary>
internal static class Http1Exchange
{
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>Sends and reads.</summary>
    /// <exception cref="EndOfStreamException">Closed before the end of a head.</exception>
    public static async Task<Answer> SendAsync(Stream stream, string request, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return await ReadAsync(stream, cancellationToken);
    }

    /// <summary>Sends, and reads no more than a head: what follows a proxy's 200 belongs to somebody else. Byte by byte, to read nothing of that.</summary>
    /// <exception cref="EndOfStreamException">Closed before the end of a head.</exception>
    public static async Task<Answer> SendHeadAsync(Stream stream, string request, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 8192 && !CollectionsMarshal.AsSpan(head).EndsWith("\r\n\r\n"u8))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Add(one[0]);
            // What is no HTTP need not end in an empty line.
            if (head.Count == 5 && !CollectionsMarshal.AsSpan(head).SequenceEqual("HTTP/"u8))
                return new Answer(Ending.OwnFault, "what came back is no HTTP/1.1");
        }

        return await ReadAsync(new MemoryStream([.. head]), cancellationToken) with { Body = [] };
    }

    /// <summary>Reads one answer.</summary>
    public static async Task<Answer> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var received = new byte[MaxAnswerBytes];
        var length = 0;
        int end;
        while ((end = received.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (length == received.Length)
                return new Answer(Ending.OwnFault, "the answer's head is larger than 64 KiB");
            var read = await stream.ReadAsync(received.AsMemory(length), cancellationToken);
            if (read == 0)
                throw new EndOfStreamException();
            length += read;
        }

        var lines = Encoding.Latin1.GetString(received, 0, end).Split("\r\n");
        var status = lines[0].Split(' ', 3) is [{ } version, { } code, ..] && version.StartsWith("HTTP/1.", StringComparison.Ordinal)
            && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if (status == 0)
            return new Answer(Ending.OwnFault, "what came back is no HTTP/1.1");

        var answer = new Answer(Ending.Http) { Status = status, Headers = [.. lines.Skip(1).Select(Split)] };
        end += 4;
        try
        {
            length = await FillAsync(stream, received, length, end, BodyLength(answer), cancellationToken);
        }
        catch (IOException)
        {
            // The head has said what there is to say.
        }

        return answer with { Body = Content(answer, received.AsSpan(end, length - end)) };
    }

    // Without a length: to the end, which a refusal brings by itself.
    private static async Task<int> FillAsync(Stream stream, byte[] received, int length, int start, long? bodyLength, CancellationToken cancellationToken)
    {
        while (length < received.Length && (bodyLength is not { } known || length - start < known))
        {
            var read = await stream.ReadAsync(received.AsMemory(length), cancellationToken);
            if (read == 0)
                break;
            length += read;
            if (bodyLength is null && received.AsSpan(start, length - start).EndsWith("0\r\n\r\n"u8))
                break;
        }

        return length;
    }

    private static long? BodyLength(Answer answer) => answer switch
    {
        { Status: 204 or 304 or < 200 } => 0,
        _ => long.TryParse(answer.Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null,
    };

    private static byte[] Content(Answer answer, ReadOnlySpan<byte> received)
    {
        if (answer.Header("Transfer-Encoding")?.Equals("chunked", StringComparison.OrdinalIgnoreCase) != true)
            return received.ToArray();

        var content = new MemoryStream();
        while (received.IndexOf("\r\n"u8) is var line && line > 0
            && int.TryParse(received[..line], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size > 0 && received.Length >= line + 4 + size)
        {
            content.Write(received.Slice(line + 2, size));
            received = received[(line + 4 + size)..];
        }

        return content.ToArray();
    }

    private static (string Name, string Value) Split(string line) =>
        line.IndexOf(':', StringComparison.Ordinal) is var colon && colon > 0 ? (line[..colon], line[(colon + 1)..].Trim()) : (line, "");
}
