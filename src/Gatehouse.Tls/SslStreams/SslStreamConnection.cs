using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gatehouse.Tls;

/// <summary>The plaintext side of an <see cref="SslStream"/> as pipes.</summary>
internal sealed class SslStreamConnection : TlsConnection, IDuplexPipe
{
    private readonly SslStream _stream;

    public SslStreamConnection(SslStream stream, ConnectionContext connection)
    {
        _stream = stream;
        var pool = connection.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;
        // Zero-byte reads: an idle connection holds no buffer.
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(pool, bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(pool, leaveOpen: true));
    }

    public PipeReader Input { get; }
    public PipeWriter Output { get; }
    public override IDuplexPipe Transport => this;

    public override async ValueTask EndOutputAsync()
    {
        try
        {
            await _stream.ShutdownAsync();
        }
        catch (CryptographicException e)
        {
            // The peer left TLS in a state in which OpenSSL refuses to say goodbye ("shutdown while in init").
            throw new IOException("The TLS connection cannot be ended in order.", e);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        try
        {
            await Output.CompleteAsync();
            await EndOutputAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or ConnectionAbortedException or OperationCanceledException)
        {
            // The peer is gone: there is nobody left to say goodbye to. Or it was said before.
        }
        await _stream.DisposeAsync();
    }
}
