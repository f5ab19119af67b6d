using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>
/// The checksum of a chain: xxHash64 of <c>path:checksum</c> of each of its files, joined by <c>|</c>, in the order of the paths' bytes; 0 for a chain of no files
/// (log and TI sheet §7). Both ends compute it, so one that differs in a byte matches nothing.
/// </summary>
internal sealed class ChainChecksum
{
    private readonly XxHash64 _hash = new();
    private bool _isEmpty = true;

    /// <summary>What one file adds; made once for a file that is part of many chains.</summary>
    public static byte[] Part(string path, ulong checksum)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(checksum, digits, out var length);
        var part = new byte[Encoding.UTF8.GetByteCount(path) + 1 + length];
        var at = Encoding.UTF8.GetBytes(path, part);
        part[at] = (byte)':';
        digits[..length].CopyTo(part.AsSpan(at + 1));
        return part;
    }

    /// <summary>Adds the next file.</summary>
    public void Add(ReadOnlySpan<byte> part)
    {
        if (!_isEmpty)
            _hash.Append("|"u8);
        _hash.Append(part);
        _isEmpty = false;
    }

    /// <summary>The checksum of what was added, and a fresh start.</summary>
    public ulong Take()
    {
        var checksum = _isEmpty ? 0 : _hash.GetCurrentHashAsUInt64();
        _hash.Reset();
        _isEmpty = true;
        return checksum;
    }
}
