using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>The plaintext side of a libssl connection as pipes.</summary>
internal sealed class OpenSslConnection : TlsConnection, IDuplexPipe
{
    /// <summary>Time the peer has to take our goodbye.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly OpenSslSession _session;
    private readonly TransportFlush _flush;
    private readonly TransportThread _thread;

    public OpenSslConnection(OpenSslSession session, IDuplexPipe transport, bool isHttp2)
    {
        _session = session;
        // One HTTP/2 connection is many requests: they must not hold up the sockets that share the transport's thread.
        _thread = new TransportThread { IsLeft = isHttp2 };
        _flush = new TransportFlush(transport.Output, _thread, session.Writing);
        Input = new OpenSslInput(session, transport.Input, _flush, _thread);
        Output = new OpenSslOutput(session, transport.Output, _flush);
    }

    public PipeReader Input { get; }
    public PipeWriter Output { get; }
    public override IDuplexPipe Transport => this;

    public override void LeaveTransportThread() => _thread.IsLeft = true;

    public override async ValueTask EndOutputAsync()
    {
        if (!_session.Shutdown())
            return;
        using var patience = new CancellationTokenSource(s_patience);
        await _flush.FlushAsync(patience.Token);
    }

    public override async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        await Output.CompleteAsync();
        try
        {
            await EndOutputAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or ConnectionAbortedException or OperationCanceledException)
        {
            // The peer is gone: there is nobody left to say goodbye to.
        }
        _session.Dispose();
    }
}
