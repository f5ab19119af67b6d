using Microsoft.AspNetCore.Http;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>Reads what another stream holds, and gives up when it is more than the limit: what a few compressed bytes unpack to is bounded here.</summary>
internal sealed class BoundedStream(Stream inner, long limit) : Stream
{
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <exception cref="InputException">There is more than the limit, or it is not compressed as it says.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(inner.Read(buffer));
        }
        catch (InvalidDataException e)
        {
            throw NotCompressed(e);
        }
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await inner.ReadAsync(buffer, cancellationToken));
        }
        catch (InvalidDataException e)
        {
            throw NotCompressed(e);
        }
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What is inside may be wrong in ways of its own: those are told by who reads it.</summary>
    private static InputException NotCompressed(InvalidDataException e) => new($"The body is not gzip all through: {e.Message}");

    private int Count(int read)
    {
        _read += read;
        return _read <= limit
            ? read
            : throw new InputException($"The body unpacks to more than {limit / 1024 / 1024} MiB, which is the limit here.", StatusCodes.Status413PayloadTooLarge);
    }
}
