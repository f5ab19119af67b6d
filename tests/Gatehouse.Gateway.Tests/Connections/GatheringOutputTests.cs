using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Connections;

public sealed class GatheringOutputTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly Peer _peer = new();
    private readonly GatheringOutput _output;

    // RST_STREAM of stream 1, NO_ERROR.
    private static readonly byte[] s_reset = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    private readonly Queue<IThreadPoolWorkItem> _queue = [];

    public GatheringOutputTests() => _output = new GatheringOutput(_peer, _time, _queue.Enqueue);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_flushed_while_something_is_sent_goes_out_as_one()
    {
        _peer.IsSlow = true;
        var first = FlushAsync('a', GatheringOutput.MuchBytes);
        Assert.False(first.IsCompleted);
        for (var letter = 'b'; letter <= 'f'; letter++)
            Assert.True(FlushAsync(letter, 100).IsCompletedSuccessfully);
        _peer.Take();
        Assert.Equal("bcdef", Letters(await _peer.NextAsync(2)));
        Assert.False(first.IsCompleted);
        _peer.Take();
        Assert.False((await first).IsCompleted);
        Assert.Equal(2, _peer.Sent.Count);
    }

    [Fact]
    public async Task What_is_flushed_in_one_moment_is_sent_in_the_next()
    {
        FlushAsync('a', 10).AssertDone();
        FlushAsync('b', 10).AssertDone();
        Assert.Empty(_peer.Sent);
        RunQueued(1);
        Assert.Equal("ab", Letters(Assert.Single(_peer.Sent)));
        // Nothing to say is nothing to send.
        Assert.False((await _output.FlushAsync(Token)).IsCompleted);
        RunQueued(0);
        Assert.Single(_peer.Sent);
    }

    [Fact]
    public void Much_is_sent_at_once_and_with_what_was_flushed_before()
    {
        FlushAsync('a', 10).AssertDone();
        FlushAsync('b', GatheringOutput.MuchBytes).AssertDone();
        Assert.Equal("ab", Letters(Assert.Single(_peer.Sent)));
        // It is its own turn no more.
        RunQueued(1);
        Assert.Single(_peer.Sent);
    }

    [Fact]
    public void A_reset_does_not_go_out_in_one_with_the_answer_before_it()
    {
        FlushAsync('a', 10).AssertDone();
        Reset().AssertDone();
        Assert.Equal("a", Letters(Assert.Single(_peer.Sent)));
        FlushAsync('b', 10).AssertDone();
        RunQueued(2);
        Assert.Equal(2, _peer.Sent.Count);
        Assert.Equal(s_reset, _peer.Sent[1][..s_reset.Length]);
        Assert.Equal("b", Letters(_peer.Sent[1][s_reset.Length..]));
    }

    [Fact]
    public async Task A_reset_waits_for_the_answer_before_it_when_the_peer_is_slow()
    {
        _peer.IsSlow = true;
        var sending = FlushAsync('a', GatheringOutput.MuchBytes);
        FlushAsync('b', 10).AssertDone();
        var reset = Reset();
        Assert.False(reset.IsCompleted);
        _peer.Take();
        Assert.Equal("b", Letters(await _peer.NextAsync(2)));
        _peer.IsSlow = false;
        _peer.Take();
        await reset;
        await sending;
        RunQueued(1);
        Assert.Equal(s_reset, _peer.Sent[2]);
    }

    [Fact]
    public async Task Who_writes_waits_for_a_peer_that_takes_nothing()
    {
        _peer.IsSlow = true;
        var sending = FlushAsync('a', GatheringOutput.MuchBytes);
        var held = 0;
        Task<FlushResult> flush;
        while ((flush = FlushAsync('b', 1000)).IsCompletedSuccessfully)
            held += 1000;
        Assert.InRange(held, 1, GatheringOutput.MostBytes);
        _peer.Take();
        await _peer.NextAsync(2);
        Assert.False(flush.IsCompleted);
        _peer.Take();
        await flush;
        await sending;
        Assert.Equal(GatheringOutput.MuchBytes + held + 1000, _peer.Sent.Sum(s => s.Length));
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nothing_back()
    {
        _peer.IsSlow = true;
        using var stop = new CancellationTokenSource();
        _output.Write(new byte[GatheringOutput.MuchBytes]);
        var sending = _output.FlushAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _output.FlushAsync(stop.Token));
        FlushAsync('b', 1).AssertDone();
        _peer.Take();
        Assert.Equal("b", Letters(await _peer.NextAsync(2)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task That_the_peer_is_gone_is_told_with_the_next_flush(bool throws)
    {
        _peer.Failure = throws ? new IOException("broken") : null;
        _peer.IsGone = true;
        FlushAsync('a', 10).AssertDone();
        RunQueued(1);
        Assert.True((await FlushAsync('b', 10)).IsCompleted);
        Assert.True((await FlushAsync('c', GatheringOutput.MuchBytes)).IsCompleted);
        RunQueued(0);
        Assert.Single(_peer.Sent);
    }

    [Fact]
    public async Task A_cancelled_flush_ends_and_the_rest_goes_with_the_next()
    {
        _peer.IsSlow = true;
        var sending = FlushAsync('a', GatheringOutput.MuchBytes);
        FlushAsync('b', 1).AssertDone();
        _output.CancelPendingFlush();
        Assert.True((await sending).IsCanceled);
        _peer.IsSlow = false;
        FlushAsync('c', 1).AssertDone();
        RunQueued(1);
        Assert.Equal("bc", Letters(_peer.Sent[1]));
    }

    [Fact]
    public async Task The_end_comes_after_the_rest()
    {
        _peer.IsSlow = true;
        var sending = FlushAsync('a', GatheringOutput.MuchBytes);
        FlushAsync('b', 1).AssertDone();
        var end = _output.CompleteAsync().AsTask();
        _peer.Take();
        await _peer.NextAsync(2);
        Assert.False(end.IsCompleted);
        _peer.Take();
        await end;
        await sending;
        Assert.Equal("b", Letters(_peer.Sent[1]));
        Assert.True((await _output.FlushAsync(Token)).IsCompleted);
        Assert.Throws<ObjectDisposedException>(() => _output.GetMemory());
        await _output.CompleteAsync();
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_does_not_hold_up_the_end()
    {
        _peer.IsSlow = true;
        var sending = FlushAsync('a', GatheringOutput.MuchBytes);
        var end = _output.CompleteAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(end.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await end.WaitAsync(s_limit, Token);
        Assert.True((await sending).IsCanceled);
    }

    [Fact]
    public void Where_nothing_comes_together_nothing_is_kept_back_but_now_and_then()
    {
        for (var i = 0; i < GatheringOutput.Tries; i++)
        {
            FlushAsync('a', 1).AssertDone();
            RunQueued(1);
        }
        for (var round = 0; round < 3; round++)
        {
            for (var i = 1; i < GatheringOutput.Tries; i++)
            {
                var before = _peer.Sent.Count;
                FlushAsync('b', 1).AssertDone();
                Assert.Equal(before + 1, _peer.Sent.Count);
            }
            FlushAsync('c', 1).AssertDone();
            if (round == 2)
                FlushAsync('d', 1).AssertDone();
            RunQueued(1);
        }
        Assert.Equal("cd", Letters(_peer.Sent[^1]));
        // Two came together in that try: so may the next ones.
        FlushAsync('e', 1).AssertDone();
        RunQueued(1);
    }

    [Fact]
    public async Task Nothing_is_lost_and_all_stays_in_order()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 12_000, resumeWriterThreshold: 3_000));
        var output = new GatheringOutput(pipe.Writer, TimeProvider.System);
        const int Total = 20_000_000;
        var reading = Task.Run(async () =>
        {
            var (random, at) = (new Random(2), 0);
            while (at < Total)
            {
                var read = await pipe.Reader.ReadAsync(Token);
                foreach (var piece in read.Buffer)
                {
                    foreach (var b in piece.Span)
                        Assert.Equal((byte)(at++ * 7 / 3), b);
                }
                pipe.Reader.AdvanceTo(read.Buffer.End);
                if (random.Next(4) == 0)
                    await Task.Yield();
            }
        }, Token);
        var (random, at) = (new Random(1), 0);
        while (at < Total)
        {
            var memory = output.GetMemory(random.Next(1, 6_000));
            var length = Math.Min(Total - at, random.Next(1, random.Next(8) == 0 ? memory.Length + 1 : 200));
            for (var i = 0; i < length; i++)
                memory.Span[i] = (byte)((at + i) * 7 / 3);
            output.Advance(length);
            at += length;
            if (random.Next(3) == 0)
                Assert.False((await output.FlushAsync(Token)).IsCompleted);
        }
        await output.FlushAsync(Token);
        await output.CompleteAsync();
        await reading.WaitAsync(s_limit, Token);
    }

    private Task<FlushResult> FlushAsync(char letter, int length)
    {
        _output.GetSpan(length)[..length].Fill((byte)letter);
        _output.Advance(length);
        return _output.FlushAsync(Token).AsTask();
    }

    private Task<FlushResult> Reset()
    {
        _output.Write(s_reset);
        return _output.FlushAsync(Token).AsTask();
    }

    private void RunQueued(int expected)
    {
        Assert.Equal(expected, _queue.Count);
        while (_queue.TryDequeue(out var item))
            item.Execute();
    }

    private static string Letters(byte[] bytes) => new([.. bytes.Select(b => (char)b).Distinct()]);

    /// <summary>Takes what is written, at once or when it is told to.</summary>
    private sealed class Peer : PipeWriter
    {
        private readonly Channel<bool> _changed = Channel.CreateUnbounded<bool>();
        private TaskCompletionSource<FlushResult>? _taking;

        public List<byte[]> Sent { get; } = [];
        public bool IsSlow { get; set; }
        public bool IsGone { get; set; }
        public Exception? Failure { get; set; }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            _taking = IsSlow ? new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            lock (Sent)
                Sent.Add(source.ToArray());
            _changed.Writer.TryWrite(true);
            if (Failure is not null)
                throw Failure;
            return _taking is null ? new(new FlushResult(false, IsGone)) : new(_taking.Task);
        }

        public void Take() => _taking!.SetResult(default);

        /// <summary>The write of this number, counted from 1, when it is there.</summary>
        public async Task<byte[]> NextAsync(int number)
        {
            while (true)
            {
                lock (Sent)
                {
                    if (Sent.Count >= number)
                        return Sent[number - 1];
                }
                await _changed.Reader.ReadAsync(Token).AsTask().WaitAsync(s_limit, Token);
            }
        }

        public override void CancelPendingFlush() => _taking?.TrySetResult(new FlushResult(isCanceled: true, isCompleted: false));

        public override void Advance(int bytes) => throw new NotSupportedException();
        public override void Complete(Exception? exception = null) => throw new NotSupportedException();
        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
        public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();
        public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();
    }
}

file static class Flushes
{
    public static void AssertDone(this Task<FlushResult> flush)
    {
        Assert.True(flush.IsCompletedSuccessfully);
        Assert.False(flush.Result.IsCanceled);
    }
}
