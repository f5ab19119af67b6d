using System.Buffers;
using System.IO.Pipelines;
using System.Security.Authentication;
using Gatehouse.Pki;
using Gatehouse.Tls;
using Gatehouse.Tls.OpenSsl;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Gateway.Tests.Connections;

/// <summary>One output, two who use it: the writer, and the reader when OpenSSL answers by itself.</summary>
public sealed class TransportFlushTests
{
    /// <summary>
    /// A pipe that is flushed while somebody writes to it may give the memory that is being written back to the pool, where the next connection
    /// finds it: a client could have answers to its requests and warnings meet there.
    /// </summary>
    [Fact]
    public async Task Nothing_is_flushed_while_the_other_side_writes()
    {
        var options = new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);
        var (toServer, fromServer) = (new Pipe(options), new Pipe(options));
        using var output = new WatchedOutput(fromServer.Writer);
        var transport = new Transport(toServer.Reader, output);
        using var engine = new OpenSslEngine(new TlsEngineOptions());
        using var peer = new LibsslPeer("customer1.agent.test", SslProtocols.Tls12, null);
        await using var tls = await ConnectAsync(engine, peer, transport, toServer.Writer, fromServer.Reader);

        output.Watch();
        var reading = tls.Transport.Input.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        // A ClientHello within the connection: OpenSSL answers with the warning no_renegotiation and goes on.
        var hello = peer.Sealer().Seal(RecordSealer.Handshake, [1, 0, 0, 2, 3, 3]);
        var asking = Task.Run(async () => await toServer.Writer.WriteAsync(hello), TestContext.Current.CancellationToken);
        // The warning is being written; at this moment the server flushes an answer of its own.
        Assert.True(output.Writing.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await tls.Transport.Output.FlushAsync(TestContext.Current.CancellationToken);
        await asking;
        Assert.Equal(0, output.Overlaps);

        await toServer.Writer.CompleteAsync();
        Assert.True((await reading).IsCompleted);
    }

    /// <summary>A client whose requests never have to wait for anything, answers included, would keep the thread from all who share it.</summary>
    [Fact]
    public async Task Who_never_has_to_wait_leaves_the_thread_after_a_few_reads()
    {
        var options = new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);
        var (toServer, fromServer) = (new Pipe(options), new Pipe(options));
        using var engine = new OpenSslEngine(new TlsEngineOptions());
        using var peer = new LibsslPeer("customer1.agent.test", SslProtocols.Tls12, null);
        await using var tls = await ConnectAsync(engine, peer, new Transport(toServer.Reader, fromServer.Writer), toServer.Writer, fromServer.Reader);
        const int Records = 200, RecordBytes = 16 * 1024;
        for (var i = 0; i < Records; i++)
            await toServer.Writer.WriteAsync(peer.Seal(new byte[RecordBytes]), TestContext.Current.CancellationToken);

        var (reads, bytes) = (0, 0L);
        ValueTask<ReadResult> waiting = default;
        var socketsThread = new Thread(() =>
        {
            for (waiting = tls.Transport.Input.ReadAsync(CancellationToken.None); waiting.IsCompleted && bytes < Records * RecordBytes; waiting = tls.Transport.Input.ReadAsync(CancellationToken.None))
            {
                reads++;
                bytes += Take(waiting.Result);
            }
        });
        socketsThread.Start();
        socketsThread.Join();

        Assert.InRange(reads, 1, 20);
        // It goes on elsewhere, and nothing is lost.
        bytes += Take(await waiting);
        while (bytes < Records * RecordBytes)
            bytes += Take(await tls.Transport.Input.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Records * RecordBytes, bytes);

        long Take(ReadResult read)
        {
            var length = read.Buffer.Length;
            tls.Transport.Input.AdvanceTo(read.Buffer.End);
            return length;
        }
    }

    /// <summary>
    /// The HTTP server's time limits tell the reader to stop waiting. A client that never takes our answers to its key updates must not keep it.
    /// </summary>
    [Fact]
    public async Task A_reader_that_waits_to_answer_is_woken_and_the_writer_goes_on()
    {
        var options = new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);
        var full = new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 8 * 1024, resumeWriterThreshold: 4 * 1024, useSynchronizationContext: false);
        var (toServer, fromServer) = (new Pipe(options), new Pipe(full));
        using var engine = new OpenSslEngine(new TlsEngineOptions());
        using var peer = new LibsslPeer("customer1.agent.test", SslProtocols.Tls13, null);
        await using var tls = await ConnectAsync(engine, peer, new Transport(toServer.Reader, fromServer.Writer), toServer.Writer, fromServer.Reader);
        // An answer that just does not make the client's side full.
        await tls.Transport.Output.WriteAsync(new byte[7000], TestContext.Current.CancellationToken);

        var reading = tls.Transport.Input.ReadAsync(CancellationToken.None).AsTask();
        await toServer.Writer.WriteAsync((byte[])[.. Enumerable.Range(0, 60).SelectMany(_ => peer.KeyUpdate(true))], TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);
        tls.Transport.Input.CancelPendingRead();
        var read = await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal((true, false), (read.IsCanceled, read.IsCompleted));
        tls.Transport.Input.AdvanceTo(read.Buffer.End);

        // It holds nothing: the writer's turn comes, the client takes it all, and reading goes on.
        var writing = tls.Transport.Output.WriteAsync("more"u8.ToArray(), TestContext.Current.CancellationToken).AsTask();
        var text = "";
        while (!text.EndsWith("more", StringComparison.Ordinal))
        {
            var sent = await fromServer.Reader.ReadAsync(TestContext.Current.CancellationToken);
            foreach (var part in sent.Buffer)
                peer.Give(part.Span);
            fromServer.Reader.AdvanceTo(sent.Buffer.End);
            text += peer.Open();
        }
        Assert.False((await writing).IsCanceled);
        await toServer.Writer.WriteAsync(peer.Seal("again"u8), TestContext.Current.CancellationToken);
        read = await tls.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("again", System.Text.Encoding.ASCII.GetString(read.Buffer.ToArray()));
        tls.Transport.Input.AdvanceTo(read.Buffer.End);
    }

    private static async Task<TlsConnection> ConnectAsync(OpenSslEngine engine, LibsslPeer peer, Transport transport, PipeWriter toServer, PipeReader fromServer)
    {
        var handshake = engine.AuthenticateAsync(new DefaultConnectionContext("x", transport, transport), new OpenGate(), TestContext.Current.CancellationToken);
        while (!peer.Step())
        {
            await toServer.WriteAsync(peer.Take(), TestContext.Current.CancellationToken);
            var read = await fromServer.ReadAsync(TestContext.Current.CancellationToken);
            foreach (var part in read.Buffer)
                peer.Give(part.Span);
            fromServer.AdvanceTo(read.Buffer.End);
        }
        await toServer.WriteAsync(peer.Take(), TestContext.Current.CancellationToken);
        return await handshake;
    }

    /// <summary>Holds a write open until a flush comes, or for a moment; counts flushes that come meanwhile.</summary>
    private sealed class WatchedOutput(PipeWriter inner) : PipeWriter, IDisposable
    {
        private readonly ManualResetEventSlim _flushed = new();
        private volatile bool _watches, _isWriting;

        public ManualResetEventSlim Writing { get; } = new();
        public int Overlaps { get; private set; }
        public override bool CanGetUnflushedBytes => true;
        public override long UnflushedBytes => inner.UnflushedBytes;

        public void Dispose()
        {
            _flushed.Dispose();
            Writing.Dispose();
        }

        public void Watch()
        {
            _flushed.Reset();
            _watches = true;
        }

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_watches)
            {
                _isWriting = true;
                Writing.Set();
                _flushed.Wait(TimeSpan.FromMilliseconds(500));
            }
            return inner.GetMemory(sizeHint);
        }

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            inner.Advance(bytes);
            _isWriting = false;
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            if (_isWriting)
                Overlaps++;
            _flushed.Set();
            return inner.FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class Transport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;
        public PipeWriter Output => output;
    }

    /// <summary>Lets everybody in, and asks nobody for a certificate.</summary>
    private sealed class OpenGate : IHandshakeGate
    {
        private static readonly ServerIdentity s_identity = NewIdentity();

        public ServerIdentity Identity => s_identity;

        public HandshakeTarget? Identify(string? serverName) => new AgentTarget(serverName!, null);

        public HandshakeOutcome Judge(HandshakeTarget target, PresentedChain chain) => ConnectionVerdict.Plain();

        private static ServerIdentity NewIdentity()
        {
            var now = TimeProvider.System.GetUtcNow();
            var ca = CertificateIssuer.CreateCa("/CN=Server CA", 30, KeyKind.EcP256, now);
            var server = CertificateIssuer.CreateServer(ca.CertificatePem, ca.PrivateKeyPem, ["*.agent.test"], 30, KeyKind.EcP256, now);
            return ServerIdentity.FromPem(server.CertificatePem, server.PrivateKeyPem);
        }
    }
}
