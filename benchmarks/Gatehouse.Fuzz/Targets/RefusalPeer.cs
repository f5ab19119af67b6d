using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Gatehouse.Contracts;
using Gatehouse.Gateway;
using Gatehouse.Tls;

namespace Gatehouse.Fuzz.Targets;

/// <summary>A refused client: sends the input in pieces, whose size the first byte chooses, then closes its half.</summary>
internal static class RefusalPeer
{
    private static readonly Refusal s_refusal = new(RefusalCode.CertificateUnknownCa, "No CA of the account.", "Make a new one.");

    /// <summary>All that was written to it, and in how many pieces it sent.</summary>
    public static (byte[] Written, int Pieces) Meet(ReadOnlySpan<byte> input, bool http2)
    {
        var sent = input.Length == 0 ? input : input[1..];
        // 1 byte to all at once.
        var piece = input.Length == 0 ? 1 : input[0] is 255 ? int.MaxValue : 1 + (input[0] * input[0]);
        if (piece < sent.Length / 512)
            piece = (sent.Length / 512) + 1;
        // Everything inline and unbounded: one thread, and nothing waits.
        var options = new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);
        var (toUs, fromUs) = (new Pipe(options), new Pipe(options));
        using var tls = new PeerConnection(toUs.Reader, fromUs.Writer, http2);
        var responding = RefusalResponder.RespondAsync(tls, s_refusal, TimeSpan.FromSeconds(5), StillTime.Instance, CancellationToken.None);
        var pieces = 0;
        while (sent.Length > 0)
        {
            var length = Math.Min(piece, sent.Length);
            toUs.Writer.Write(sent[..length]);
            Flush(toUs.Writer);
            sent = sent[length..];
            pieces++;
        }
        toUs.Writer.Complete();
        FuzzFindingException.Unless(responding.IsCompleted, "The responder waits for more after the end");
        // Not awaited: it is over, and what it threw is thrown here.
        responding.GetAwaiter().GetResult();
        fromUs.Writer.Complete();
        return (fromUs.Reader.TryRead(out var result) ? result.Buffer.ToArray() : [], pieces);
    }

    private static void Flush(PipeWriter writer)
    {
        var flushed = writer.FlushAsync();
        FuzzFindingException.Unless(flushed.IsCompleted, "A flush waits, though nothing bounds the pipe");
        _ = flushed.GetAwaiter().GetResult();
    }

    /// <summary>Time that stands: no limit is reached in a run.</summary>
    private sealed class StillTime : TimeProvider
    {
        public static StillTime Instance { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class PeerConnection : TlsConnection, IDuplexPipe, IDisposable
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public PeerConnection(PipeReader input, PipeWriter output, bool http2)
        {
            (Input, Output) = (input, output);
            (ServerName, Chain, Protocol) = ("customer1.agent.test", PresentedChain.None, SslProtocols.Tls13);
            // Neither is looked at by the responder.
            (Target, Outcome) = (new AgentTarget(ServerName, null), ConnectionVerdict.Refused(s_refusal));
            ApplicationProtocol = http2 ? SslApplicationProtocol.Http2.Protocol : SslApplicationProtocol.Http11.Protocol;
        }

        public PipeReader Input { get; }
        public PipeWriter Output { get; }
        public override IDuplexPipe Transport => this;

        public override ValueTask EndOutputAsync() => ValueTask.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void Dispose() => Input.Complete();
    }
}
