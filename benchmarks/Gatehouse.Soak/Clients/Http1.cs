using System.Globalization;
using System.Text;
using Gatehouse.Soak.Tls;

namespace Gatehouse.Soak.Clients;

/// <summary>An answer as far as the oracle needs it.</summary>
/// <param name="Status">The HTTP status; 0 when it is not among those of the static table of HTTP/2.</param>
/// <param name="Refusal">The refusal's code; null when the request was served.</param>
internal readonly record struct Answer(int Status, string? Refusal);

/// <summary>HTTP/1.1 on one connection, one request at a time.</summary>
internal sealed class Http1(TlsClient tls) : IExchange
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _filled;

    public static ReadOnlySpan<byte> Protocol => "http/1.1"u8;

    public static string Request(string host, string path, string credential, string method = "GET", string more = "") =>
        $"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Delegate {credential}\r\nUser-Agent: delegate/1\r\n{more}\r\n";

    public Answer Get(string host, string path, string credential)
    {
        tls.Write(Encoding.ASCII.GetBytes(Request(host, path, credential)));
        return ReadAnswer();
    }

    public void Listen() => _filled += tls.Read(_buffer.AsSpan(_filled), TimeSpan.Zero);

    /// <summary>Reads one answer, its body included.</summary>
    public Answer ReadAnswer()
    {
        var (head, length) = ReadHead();
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var refusal = Header(head, "Gatehouse-Refusal");
        Drop(length);
        if (status == 101)
            return new Answer(status, null);
        if (Header(head, "Content-Length") is { } text)
            SkipBody(int.Parse(text, CultureInfo.InvariantCulture));
        else if (Header(head, "Transfer-Encoding") is not null)
            SkipChunks();
        return new Answer(status, refusal);
    }

    /// <summary>Bytes that came after the last answer, for who goes on with another protocol.</summary>
    public byte[] TakeRest()
    {
        var rest = _buffer.AsSpan(0, _filled).ToArray();
        _filled = 0;
        return rest;
    }

    private (string Head, int Length) ReadHead()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8)) < 0)
            Fill();
        return (Encoding.ASCII.GetString(_buffer, 0, end), end + 4);
    }

    private static string? Header(string head, string name)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 1)..].Trim();
        }
        return null;
    }

    private void SkipBody(int length)
    {
        while (length > 0)
        {
            if (_filled == 0)
                Fill();
            var part = Math.Min(length, _filled);
            Drop(part);
            length -= part;
        }
    }

    private void SkipChunks()
    {
        while (true)
        {
            int end;
            while ((end = _buffer.AsSpan(0, _filled).IndexOf("\r\n"u8)) < 0)
                Fill();
            var size = int.Parse(Encoding.ASCII.GetString(_buffer, 0, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Drop(end + 2);
            SkipBody(size + 2);
            if (size == 0)
                return;
        }
    }

    private void Fill()
    {
        var read = tls.Read(_buffer.AsSpan(_filled), s_patience);
        if (read == 0)
            throw new TlsTimeoutException($"No answer within {s_patience.TotalSeconds:0} s.");
        _filled += read;
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _filled - count).CopyTo(_buffer);
        _filled -= count;
    }
}

/// <summary>Asks and gets an answer.</summary>
internal interface IExchange
{
    Answer Get(string host, string path, string credential);

    /// <summary>Takes in what came without being asked for.</summary>
    void Listen();
}
