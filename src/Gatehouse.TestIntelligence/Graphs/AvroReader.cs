using System.Runtime.CompilerServices;
using System.Text;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>
/// Reads Avro's binary encoding, as much of it as call graphs use. Every count is checked against the bytes that are left before anything is made for it, so what a
/// runner sends cannot ask for more memory than its own size.
/// </summary>
internal ref struct AvroReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Nothing is left.</summary>
    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <exception cref="InvalidDataException">The bytes end, or the number is too long.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long ReadLong()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at >= _bytes.Length)
                throw Ends();
            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(value >> 1) ^ -(long)(value & 1); // Zigzag.
        }
        throw new InvalidDataException("The call graph holds a number of more than 64 bits.");
    }

    /// <exception cref="InvalidDataException">It does not fit into 32 bits.</exception>
    public int ReadInt() => ReadLong() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw new InvalidDataException("The call graph holds a number of more than 32 bits where an int belongs.");

    /// <exception cref="InvalidDataException">It is neither 0 nor 1.</exception>
    public bool ReadBoolean()
    {
        if (_at >= _bytes.Length)
            throw Ends();
        return _bytes[_at++] switch
        {
            0 => false,
            1 => true,
            _ => throw new InvalidDataException("The call graph holds something else where a boolean belongs."),
        };
    }

    /// <exception cref="InvalidDataException">It is longer than what is left, or no UTF-8.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public string ReadString()
    {
        var length = ReadLong();
        if (length < 0 || length > _bytes.Length - _at)
            throw Ends();
        var text = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        try
        {
            return s_strict.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("The call graph holds a text that is not UTF-8.");
        }
    }

    /// <summary>The number of items in the next block of an array; 0 when the array ends.</summary>
    /// <param name="leastBytes">Bytes that an item takes at least.</param>
    /// <exception cref="InvalidDataException">So many do not fit into what is left.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int ReadBlock(int leastBytes)
    {
        var count = ReadLong();
        if (count < 0)
        {
            // A negative count is followed by the block's size in bytes, for readers that skip it.
            count = -count;
            ReadLong();
        }
        return count >= 0 && count <= (_bytes.Length - _at) / leastBytes ? (int)count : throw Ends();
    }

    private static InvalidDataException Ends() => new("The call graph ends in the middle.");
}
