using System.Globalization;
using System.Text;

namespace Gatehouse.Gateway;

/// <summary>Bytes gathered so that they go out in one write. Kept with its connection; not thread-safe.</summary>
internal sealed class SendBuffer
{
    private const int FirstBytes = 1024, KeptBytes = 16 * 1024;
    private byte[] _bytes = new byte[FirstBytes];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Empties it; memory that an unusual request needed is given back.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[FirstBytes];
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Appends text as UTF-8, which is how the HTTP server reads header values.</summary>
    public void Append(string text) => _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    public void Append(long number)
    {
        number.TryFormat(Room(20), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Appends a whole header line. Neither text may have a line break: see <see cref="HeaderRules.IsSafe"/>.</summary>
    public void AppendHeader(string name, string value)
    {
        Append(name);
        Append(": "u8);
        Append(value);
        Append("\r\n"u8);
    }

    /// <summary>Appends one chunk of the chunked coding; <paramref name="data"/> is not empty, as an empty one would end the body.</summary>
    public void AppendChunk(ReadOnlySpan<byte> data)
    {
        data.Length.TryFormat(Room(8), out var written, "x", CultureInfo.InvariantCulture);
        _length += written;
        Append("\r\n"u8);
        Append(data);
        Append("\r\n"u8);
    }

    private Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _length < bytes)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes));
        return _bytes.AsSpan(_length);
    }
}
