using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Gatehouse.Gateway;

/// <summary>
/// The head of a service's answer. Strict: where two readers could see different messages, it is no answer. Kept with its connection, as
/// one answer's lines are mostly those of the one before, and then nothing is made anew.
/// </summary>
internal sealed class ResponseHead
{
    /// <summary>Bytes of a head, its empty line included.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>Header lines.</summary>
    public const int MaxLines = 128;

    /// <summary>Heads up to this size are remembered.</summary>
    private const int MaxRememberedBytes = 2 * 1024;

    private static readonly SearchValues<byte> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    // Control characters other than the tab; DEL among them.
    private static readonly SearchValues<byte> s_controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != '\t').Append(127).Select(b => (byte)b)]);

    private readonly List<Line> _lines = [];
    private byte[] _remembered = [];

    /// <summary>Status code, 100 to 999.</summary>
    public int Status { get; private set; }

    /// <summary>Null when it is the status code's usual one.</summary>
    public string? Reason { get; private set; }

    /// <summary>Null when there is none.</summary>
    public long? ContentLength { get; private set; }

    public bool IsChunked { get; private set; }

    /// <summary>The service lets its connection be used again.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>Lines in their order; which of them are passed on is <see cref="IsForwarded"/>.</summary>
    public IReadOnlyList<Line> Lines => _lines;

    /// <summary>One header line.</summary>
    /// <param name="Start">Of its bytes in the head.</param>
    /// <param name="Length">Without the line's end.</param>
    /// <param name="Name">As sent.</param>
    /// <param name="Value">Without white space around it, Latin-1.</param>
    /// <param name="Use">What it means to a proxy.</param>
    public readonly record struct Line(int Start, int Length, string Name, string Value, HeaderUse Use);

    /// <summary>What a line means to a proxy.</summary>
    public enum HeaderUse
    {
        Forwarded,
        Dropped,
        Connection,
        ContentLength,
        TransferEncoding,
    }

    /// <summary>Reads a whole head.</summary>
    /// <param name="head">From the status line to the empty line, that included.</param>
    /// <exception cref="UpstreamException">It is none, or one that could be read in two ways.</exception>
    public void Read(ReadOnlySpan<byte> head)
    {
        (ContentLength, IsChunked) = (null, false);
        var end = head.IndexOf("\r\n"u8);
        var isHttp11 = ReadStatusLine(head[..end]);
        KeepsAlive = isHttp11;

        var count = 0;
        for (var start = end + 2; start < head.Length - 2; count++)
        {
            if (count == MaxLines)
                throw Bad("too many header lines");
            var length = head[start..].IndexOf("\r\n"u8);
            ReadLine(count, head.Slice(start, length), start);
            Take(_lines[count], isHttp11);
            start += length + 2;
        }
        _lines.RemoveRange(count, _lines.Count - count);
        Remember(head);
        if (IsChunked && ContentLength is not null)
            throw Bad("both Content-Length and Transfer-Encoding");
    }

    /// <summary>True when the line goes on to the client.</summary>
    public bool IsForwarded(Line line)
    {
        if (line.Use != HeaderUse.Forwarded)
            return false;
        foreach (var other in _lines)
        {
            if (other.Use == HeaderUse.Connection && HeaderRules.HasToken(other.Value, line.Name))
                return false;
        }
        return true;
    }

    // HTTP/1.x SP three digits, then SP and a reason, or nothing.
    private bool ReadStatusLine(ReadOnlySpan<byte> line)
    {
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' '
            || line[9..12].ContainsAnyExceptInRange((byte)'0', (byte)'9') || (line.Length > 12 && line[12] != ' ') || line.ContainsAny(s_controls))
            throw Bad("no status line of HTTP/1");
        Status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        if (Status < 100)
            throw Bad("no status code");
        var reason = line.Length > 12 ? line[13..] : [];
        Reason = reason.IsEmpty || Ascii.Equals(reason, ReasonPhrases.GetReasonPhrase(Status)) || !Ascii.IsValid(reason) ? null : Encoding.ASCII.GetString(reason);
        return line[7] == '1';
    }

    private void ReadLine(int index, ReadOnlySpan<byte> line, int start)
    {
        if (index < _lines.Count && _lines[index] is var known && line.SequenceEqual(_remembered.AsSpan(known.Start, known.Length)))
        {
            _lines[index] = known with { Start = start };
            return;
        }
        // A bare CR or LF is a control character; a folded line begins with white space and so has no name.
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(s_token) || line.ContainsAny(s_controls))
            throw Bad("a broken header line");
        var name = Encoding.ASCII.GetString(line[..colon]);
        var value = Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8));
        var read = new Line(start, line.Length, name, value, UseOf(name));
        if (index < _lines.Count)
            _lines[index] = read;
        else
            _lines.Add(read);
    }

    private static HeaderUse UseOf(string name) =>
        name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? HeaderUse.ContentLength
        : name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) ? HeaderUse.TransferEncoding
        : name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? HeaderUse.Connection
        : HeaderRules.IsHopByHop(name) ? HeaderUse.Dropped
        : HeaderUse.Forwarded;

    private void Take(Line line, bool isHttp11)
    {
        switch (line.Use)
        {
            case HeaderUse.ContentLength:
                // One, of digits only: neither a list of equal ones nor a sign.
                if (ContentLength is not null || !long.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
                    throw Bad("a Content-Length that is none, or more than one");
                ContentLength = length;
                break;
            case HeaderUse.TransferEncoding:
                if (IsChunked || !isHttp11 || !line.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase))
                    throw Bad("a Transfer-Encoding other than chunked");
                IsChunked = true;
                break;
            case HeaderUse.Connection when HeaderRules.HasToken(line.Value, "close"):
                KeepsAlive = false;
                break;
        }
    }

    private void Remember(ReadOnlySpan<byte> head)
    {
        if (head.Length > MaxRememberedBytes)
        {
            // The lines stay for this answer; none of them is found again.
            _remembered = [];
            for (var i = 0; i < _lines.Count; i++)
                _lines[i] = _lines[i] with { Start = 0, Length = 0 };
            return;
        }
        if (_remembered.Length < head.Length)
            _remembered = new byte[Math.Max(512, head.Length)];
        head.CopyTo(_remembered);
    }

    private static UpstreamException Bad(string what) => new(ForwardFailure.BadAnswer, what);
}
