using System.IO.Pipelines;
using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Gateway.Tests.Connections;

/// <summary>A handler that may block must not go on where the sockets are served: its flush is finished there by the peer that reads at last.</summary>
public sealed class TransportThreadTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_flush_that_waited_goes_on_elsewhere_once_the_thread_was_left(bool left)
    {
        var transport = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 1, resumeWriterThreshold: 1,
            useSynchronizationContext: false));
        var flush = new TransportFlush(transport.Writer, new TransportThread { IsLeft = left }, new Lock());
        transport.Writer.Advance(Math.Min(transport.Writer.GetMemory(16).Length, 16));
        var flushed = ThreadAfterAsync(flush);

        var sockets = new Thread(() =>
        {
            Assert.True(transport.Reader.TryRead(out var read));
            transport.Reader.AdvanceTo(read.Buffer.End);
        });
        Assert.False(flushed.IsCompleted);
        sockets.Start();

        Assert.Equal(!left, ReferenceEquals(sockets, await flushed));
    }

    private static async Task<Thread> ThreadAfterAsync(TransportFlush flush)
    {
        _ = await flush.FlushAsync(CancellationToken.None);
        return Thread.CurrentThread;
    }
}
