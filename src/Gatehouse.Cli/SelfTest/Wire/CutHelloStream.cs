using System.Buffers.Binary;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>How to send a ClientHello.</summary>
internal enum HelloCut
{
    /// <summary>Each byte in a TCP segment of its own.</summary>
    OneByteSegments,

    /// <summary>The handshake message in many TLS records of 16 bytes each (RFC 8446 §5.1 allows it).</summary>
    ManyRecords,

    /// <summary>The first byte of the handshake message in a record of its own.</summary>
    OneByteRecordFirst,
}

/// <summary>Passes everything on as it is, except for the first thing written: the record with the ClientHello.</summary>
internal sealed class CutHelloStream(Stream inner, HelloCut cut) : Stream
{
    private const int RecordHeader = 5;
    private bool _cut;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_cut)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }

        _cut = true;
        foreach (var piece in cut == HelloCut.OneByteSegments ? Bytes(buffer) : Records(buffer))
        {
            await inner.WriteAsync(piece, cancellationToken);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
    public override void Flush() => inner.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Bytes(ReadOnlyMemory<byte> record)
    {
        for (var i = 0; i < record.Length; i++)
            yield return record.Slice(i, 1);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Records(ReadOnlyMemory<byte> record)
    {
        var message = record[RecordHeader..];
        for (var size = cut == HelloCut.OneByteRecordFirst ? 1 : 16; !message.IsEmpty; size = cut == HelloCut.OneByteRecordFirst ? message.Length : 16)
        {
            size = Math.Min(size, message.Length);
            var piece = new byte[RecordHeader + size];
            record.Span[..3].CopyTo(piece);
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(3), (ushort)size);
            message.Span[..size].CopyTo(piece.AsSpan(RecordHeader));
            message = message[size..];
            yield return piece;
        }
    }
}
