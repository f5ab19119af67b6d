using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gatehouse.Gateway.Tests;

/// <summary>A client's connection that sends its first TLS record, the ClientHello, in pieces of a chosen kind; everything after it as it comes.</summary>
internal sealed class RecordCutter(NetworkStream inner, int bytesASegment, int bytesARecord) : Stream
{
    private bool _first = true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_first)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }
        _first = false;
        var bytes = bytesARecord > 0 ? InRecords(buffer.Span, bytesARecord) : buffer.ToArray();
        var step = bytesASegment > 0 ? bytesASegment : bytes.Length;
        for (var at = 0; at < bytes.Length; at += step)
            await inner.WriteAsync(bytes.AsMemory(at, Math.Min(step, bytes.Length - at)), cancellationToken);
    }

    // RFC 8446 §5.1: a handshake message may be fragmented across several records.
    private static byte[] InRecords(ReadOnlySpan<byte> record, int size)
    {
        var message = record[5..];
        var output = new List<byte>();
        Span<byte> header = stackalloc byte[5];
        record[..3].CopyTo(header);
        while (!message.IsEmpty)
        {
            var piece = message[..Math.Min(size, message.Length)];
            BinaryPrimitives.WriteUInt16BigEndian(header[3..], (ushort)piece.Length);
            output.AddRange(header);
            output.AddRange(piece);
            message = message[piece.Length..];
        }
        return [.. output];
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
