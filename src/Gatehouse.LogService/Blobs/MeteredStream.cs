namespace Gatehouse.LogService.Blobs;

/// <summary>A file that takes its account's room as it grows.</summary>
internal sealed class MeteredStream(Stream file, BlobSpace space, string account) : Stream
{
    /// <summary>Room is asked for in pieces of this size: the disk is looked at no more often.</summary>
    private const int Piece = 256 * 1024;

    private long _taken;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => Written;

    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    public long Written { get; private set; }

    /// <summary>Gives back what was taken and not written, or, with <paramref name="all"/>, everything.</summary>
    public void Settle(bool all)
    {
        space.Settle(account, _taken, kept: all ? 0 : Written);
        _taken = 0;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Take(buffer.Length);
        file.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Take(buffer.Length);
        return file.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => file.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => file.FlushAsync(cancellationToken);
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Take(int bytes)
    {
        if (Written + bytes > _taken)
        {
            // Near the quota a whole piece may be too much where these bytes are not.
            var missing = Written + bytes - _taken;
            try
            {
                space.Take(account, Math.Max(missing, Piece));
                _taken += Math.Max(missing, Piece);
            }
            catch (OutOfSpaceException e) when (e.IsAccounts && missing < Piece)
            {
                space.Take(account, missing);
                _taken += missing;
            }
        }
        Written += bytes;
    }
}
