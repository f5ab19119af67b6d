using System.Buffers.Binary;
using System.Text;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Reads what <see cref="VarintWriter"/> wrote.</summary>
internal ref struct VarintReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <exception cref="InvalidDataException">The bytes end.</exception>
    public byte ReadByte() => _at < _bytes.Length ? _bytes[_at++] : throw Short();

    /// <exception cref="InvalidDataException">The bytes end, or this is no number.</exception>
    public int Read()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = ReadByte();
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
                return (int)value;
        }
        throw Short();
    }

    /// <summary>A number of things of at least one byte each.</summary>
    /// <exception cref="InvalidDataException">So many do not fit into what is left.</exception>
    public int ReadCount() => Read() is var count && count >= 0 && count <= _bytes.Length - _at ? count : throw Short();

    /// <exception cref="InvalidDataException">The bytes end.</exception>
    public ulong ReadFixed()
    {
        if (_bytes.Length - _at < 8)
            throw Short();
        var value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_at..]);
        _at += 8;
        return value;
    }

    /// <exception cref="InvalidDataException">The bytes end.</exception>
    public string ReadText()
    {
        var length = ReadCount();
        var text = Encoding.UTF8.GetString(_bytes.Slice(_at, length));
        _at += length;
        return text;
    }

    private static InvalidDataException Short() => new("A stored value is damaged.");
}
