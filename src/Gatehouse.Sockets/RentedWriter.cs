using System.Buffers;
using System.IO.Pipelines;

namespace Gatehouse.Sockets;

/// <summary>A pipe's writer that gathers what is written in one pooled buffer until it is flushed: an idle connection holds none. Who derives flushes it.</summary>
public abstract class RentedWriter : PipeWriter
{
    /// <summary>Least size of a buffer, bytes.</summary>
    protected const int BufferBytes = 4 * 1024;

    /// <summary>What was written and not taken, from its start on; null when nothing was, and nobody has asked for room.</summary>
    protected byte[]? Written { get; private set; }

    /// <summary>Bytes of <see cref="Written"/>.</summary>
    protected int WrittenBytes { get; private set; }

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => WrittenBytes;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Written = Room(Written, WrittenBytes, Math.Max(1, sizeHint));
        return Written.AsMemory(WrittenBytes);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (Written?.Length ?? 0) - WrittenBytes);
        WrittenBytes += bytes;
    }

    /// <summary>What was written is the caller's now, and <see cref="ArrayPool{T}.Shared"/>'s afterwards.</summary>
    protected void TakeWritten() => (Written, WrittenBytes) = (null, 0);

    /// <summary>The buffer stays for what is written next.</summary>
    protected void ForgetWritten() => WrittenBytes = 0;

    /// <summary>Moves what was written behind the bytes of <paramref name="buffer"/>, which it becomes when that is null.</summary>
    /// <param name="buffer">Of <see cref="ArrayPool{T}.Shared"/>; replaced when it is too small.</param>
    /// <param name="used">Its bytes.</param>
    protected void MoveWritten(ref byte[]? buffer, ref int used)
    {
        if (buffer is null)
            (buffer, used) = (Written, WrittenBytes);
        else
        {
            buffer = Room(buffer, used, WrittenBytes);
            Written.AsSpan(0, WrittenBytes).CopyTo(buffer.AsSpan(used));
            used += WrittenBytes;
            ReturnWritten();
        }
        TakeWritten();
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    protected void ReturnWritten()
    {
        if (Written is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        TakeWritten();
    }

    private static byte[] Room(byte[]? buffer, int used, int bytes)
    {
        if (buffer is null)
            return ArrayPool<byte>.Shared.Rent(Math.Max(BufferBytes, bytes));
        if (buffer.Length - used >= bytes)
            return buffer;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, used + bytes));
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
