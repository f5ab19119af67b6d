using System.Runtime.CompilerServices;
using System.Text;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Writes stored values: small numbers in few bytes, texts as UTF-8 with their length.</summary>
internal sealed class VarintWriter
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int value)
    {
        var rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
            WriteByte((byte)(rest | 0x80));
        WriteByte((byte)rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WriteByte(byte value)
    {
        if (_length == _bytes.Length)
            Array.Resize(ref _bytes, _length * 2);
        _bytes[_length++] = value;
    }

    /// <summary>Eight bytes: checksums are as good as random.</summary>
    public void WriteFixed(ulong value)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    public void Write(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Write(length);
        _length += Encoding.UTF8.GetBytes(text, Room(length));
    }

    public void Append(VarintWriter other)
    {
        other._bytes.AsSpan(0, other._length).CopyTo(Room(other._length));
        _length += other._length;
    }

    public byte[] ToArray() => _bytes[.._length];

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        return _bytes.AsSpan(_length);
    }
}
