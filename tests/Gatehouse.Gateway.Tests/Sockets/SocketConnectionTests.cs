using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Runtime.ExceptionServices;
using Gatehouse.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Gateway.Tests.Sockets;

/// <summary>Accepted connections; the other end is the runtime's own socket.</summary>
public sealed class SocketConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly SocketListener _listener = new(new IPEndPoint(IPAddress.Loopback, 0), MemoryPool<byte>.Shared, TimeProvider.System);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Fact]
    public async Task What_goes_through_comes_out_unchanged_however_many_and_however_slow()
    {
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async number =>
        {
            var (client, connection) = await ConnectAsync();
            using (client)
            {
                var echoing = EchoAsync(connection);
                var sent = RandomNumberGenerator.GetBytes(700_000 + (number * 1_000));
                var sending = SendAsync(client, sent);
                var received = new byte[sent.Length];
                for (var at = 0; at < received.Length;)
                {
                    // Some read little at a time, so that the other side has to wait with its writing.
                    var read = await client.ReceiveAsync(received.AsMemory(at, Math.Min(received.Length - at, number % 3 == 0 ? 900 : 60_000)), TestContext.Current.CancellationToken);
                    Assert.NotEqual(0, read);
                    at += read;
                }
                await sending;
                Assert.True(sent.AsSpan().SequenceEqual(received));
                Assert.Equal(0, await client.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
                await echoing;
            }
        })).WaitAsync(s_limit, TestContext.Current.CancellationToken);
    }

    /// <summary>A body is received in few calls, and a word in a small buffer: who has filled one gets a larger one next, until it says less again.</summary>
    [Fact]
    public async Task Who_says_much_is_heard_in_larger_pieces_until_it_says_little()
    {
        var (client, connection) = await ConnectAsync();
        await using var _ = connection;
        using (client)
        {
            for (var round = 0; round < 2; round++)
            {
                await client.SendAsync(new byte[20_000], TestContext.Current.CancellationToken);
                await SentBytes.ArrivedAsync(client);
                Assert.Equal([4_096, 15_904], await PiecesAsync(20_000));
                await client.SendAsync(new byte[100], TestContext.Current.CancellationToken);
                await SentBytes.ArrivedAsync(client);
                Assert.Equal([100], await PiecesAsync(100));
            }
        }

        async Task<List<int>> PiecesAsync(int bytes)
        {
            var pieces = new List<int>();
            while (pieces.Sum() < bytes)
            {
                var read = await connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_limit);
                pieces.Add((int)read.Buffer.Length);
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
            }
            return pieces;
        }
    }

    [Fact]
    public async Task Thousands_come_and_go_and_nobody_gets_what_is_anothers()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, cancellation) =>
        {
            var (client, connection) = await ConnectAsync();
            using (client)
            {
                var message = BitConverter.GetBytes(number);
                await client.SendAsync(message, cancellation);
                var read = await connection.Transport.Input.ReadAtLeastAsync(4, cancellation);
                Assert.Equal(message, read.Buffer.ToArray());
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (number % 2 == 0)
                    connection.Abort(new ConnectionAbortedException());
                await connection.DisposeAsync();
            }
        });
    }

    [Fact]
    public async Task Whenever_the_end_comes_it_is_seen_and_told()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 4_000), new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (number, cancellation) =>
        {
            var (client, connection) = await ConnectAsync();
            await using var _ = connection;
            using (client)
            {
                var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                using var told = connection.ConnectionClosed.Register(closed.SetResult);
                var reading = number % 3 == 0 ? ReadToEndAsync(connection) : null;
                await client.SendAsync(new byte[1 + (number * 37 % 9_000)], cancellation);
                if (number % 2 == 0)
                    await Task.Yield();
                client.Shutdown(SocketShutdown.Send);
                reading ??= ReadToEndAsync(connection);
                Assert.Equal(1 + (number * 37 % 9_000), await reading.WaitAsync(s_limit, cancellation));
                await closed.Task.WaitAsync(s_limit, cancellation);
            }
        });
    }

    private static async Task<long> ReadToEndAsync(ConnectionContext connection)
    {
        var total = 0L;
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(CancellationToken.None);
            total += read.Buffer.Length;
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return total;
        }
    }

    [Fact]
    public async Task A_read_that_waits_can_be_given_up_in_two_ways_and_the_next_one_works()
    {
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        await using var __ = connection;
        var input = connection.Transport.Input;

        using (var cancellation = new CancellationTokenSource())
        {
            var reading = input.ReadAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(s_limit, TestContext.Current.CancellationToken));
        }
        var canceled = input.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        input.CancelPendingRead();
        var result = await canceled.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal((true, false, 0L), (result.IsCanceled, result.IsCompleted, result.Buffer.Length));
        input.AdvanceTo(result.Buffer.Start);

        await client.SendAsync("x"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(1, (await input.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_limit, TestContext.Current.CancellationToken)).Buffer.Length);
    }

    [Fact]
    public async Task A_flush_that_waits_can_be_given_up_and_nothing_is_lost_of_it()
    {
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        await using var __ = connection;
        var output = connection.Transport.Output;
        var sent = RandomNumberGenerator.GetBytes(24 * 1024 * 1024); // More than the kernel holds.
        output.Write(sent);

        var flushing = output.FlushAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(flushing.IsCompleted);
        output.CancelPendingFlush();
        Assert.True((await flushing.WaitAsync(s_limit, TestContext.Current.CancellationToken)).IsCanceled);
        output.Write("end"u8);
        var rest = output.FlushAsync(TestContext.Current.CancellationToken).AsTask();

        var received = new byte[sent.Length + 3];
        for (var at = 0; at < received.Length;)
            at += await client.ReceiveAsync(received.AsMemory(at), TestContext.Current.CancellationToken);
        Assert.True(received.AsSpan().SequenceEqual((byte[])[.. sent, .. "end"u8]));
        Assert.False((await rest.WaitAsync(s_limit, TestContext.Current.CancellationToken)).IsCompleted);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task That_the_peer_is_gone_is_told_even_when_nobody_reads_any_more(bool reset)
    {
        var (client, connection) = await ConnectAsync();
        await using var _ = connection;
        await HelloAsync(client, connection);
        await client.SendAsync("unread"u8.ToArray(), TestContext.Current.CancellationToken);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(closed.SetResult);
        if (reset)
            client.Close(0);
        else
            client.Shutdown(SocketShutdown.Send);
        await closed.Task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        client.Dispose();
    }

    /// <summary>The first bytes are read elsewhere than where they were waited for: by the loop, even if they were there before anybody asked.</summary>
    [Fact]
    public async Task Whoever_serves_it_goes_on_in_the_loop_from_the_first_byte()
    {
        for (var i = 0; i < 100; i++)
        {
            var (client, connection) = await ConnectAsync();
            await using var _ = connection;
            using var __ = client;
            await client.SendAsync("hello"u8.ToArray(), TestContext.Current.CancellationToken);
            // Rarely the loop is so quick that nobody has to wait.
            if (await ThreadAsync(connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken)) is { } thread && thread.StartsWith("sockets ", StringComparison.Ordinal))
                return;
        }
        Assert.Fail("A hundred connections went on elsewhere.");
    }

    [Fact]
    public async Task What_came_before_the_end_is_read_before_the_end()
    {
        var (client, connection) = await ConnectAsync();
        await using var _ = connection;
        await client.SendAsync(new byte[100_000], TestContext.Current.CancellationToken);
        client.Dispose();
        var input = connection.Transport.Input;
        var total = 0L;
        while (true)
        {
            var read = await input.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_limit, TestContext.Current.CancellationToken);
            total += read.Buffer.Length;
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        Assert.Equal(100_000, total);
    }

    [Fact]
    public async Task Aborting_resets_it_at_once_and_ends_who_waits()
    {
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        var reading = connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken).AsTask();
        connection.Abort(new ConnectionAbortedException());

        // Before it is disposed: whoever serves it may take their time.
        var error = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(s_limit, TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        await Assert.ThrowsAsync<ConnectionResetException>(() => reading.WaitAsync(s_limit, TestContext.Current.CancellationToken));
        Assert.True((await connection.Transport.Output.WriteAsync("late"u8.ToArray(), TestContext.Current.CancellationToken)).IsCompleted);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Aborting_what_is_gone_already_is_no_exception_inside_either()
    {
        // Ten thousand are cut a moment after they were asked to end, and have mostly gone by themselves.
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        await connection.DisposeAsync();
        var (thread, thrown) = (Environment.CurrentManagedThreadId, 0);
        EventHandler<FirstChanceExceptionEventArgs> count = (_, _) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += count;
        try
        {
            connection.Abort(new ConnectionAbortedException());
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= count;
        }
        Assert.Equal(0, thrown);
    }

    [Fact]
    public async Task Its_last_word_goes_out_with_its_end()
    {
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        connection.Transport.Output.Write("goodbye"u8);
        await connection.DisposeAsync();
        var received = new byte[16];
        Assert.Equal(7, await client.ReceiveAsync(received, TestContext.Current.CancellationToken));
        Assert.Equal(0, await client.ReceiveAsync(received, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task It_ends_in_order_when_the_server_says_so_and_with_bytes_unread()
    {
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        await client.SendAsync(new byte[20_000], TestContext.Current.CancellationToken);
        connection.Transport.Output.Write("answer"u8);
        await connection.Transport.Output.FlushAsync(TestContext.Current.CancellationToken);
        // What Kestrel calls when the client has ended its side.
        connection.Abort(null!);
        await connection.DisposeAsync();
        var received = new byte[16];
        Assert.Equal(6, await client.ReceiveAsync(received, TestContext.Current.CancellationToken));
        Assert.Equal(0, await client.ReceiveAsync(received, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ending_while_a_flush_waits_ends_the_flush()
    {
        var (client, connection) = await ConnectAsync();
        using var _ = client;
        connection.Transport.Output.Write(new byte[24 * 1024 * 1024]);
        var flushing = connection.Transport.Output.FlushAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(flushing.IsCompleted);
        await connection.DisposeAsync();
        Assert.True((await flushing.WaitAsync(s_limit, TestContext.Current.CancellationToken)).IsCompleted);
        Assert.True((await connection.Transport.Output.FlushAsync(TestContext.Current.CancellationToken)).IsCompleted);
    }

    [Fact]
    public async Task Who_fails_when_told_of_the_end_does_not_end_the_process()
    {
        var (client, connection) = await ConnectAsync();
        await using var _ = connection;
        await HelloAsync(client, connection);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(told.SetResult);
        connection.ConnectionClosed.Register(() => throw new InvalidOperationException("on purpose"));
        client.Dispose();
        await told.Task.WaitAsync(s_limit, TestContext.Current.CancellationToken);
    }

    private async Task<(Socket Client, ConnectionContext Connection)> ConnectAsync()
    {
        // One at a time, so that the two ends belong together.
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await client.ConnectAsync(_listener.EndPoint, TestContext.Current.CancellationToken);
            return (client, (await _listener.AcceptAsync(TestContext.Current.CancellationToken))!);
        }
        finally
        {
            _turn.Release();
        }
    }

#pragma warning disable CA2213 // A SemaphoreSlim without wait handle holds nothing to dispose.
    private readonly SemaphoreSlim _turn = new(1, 1);
#pragma warning restore CA2213

    private static async Task<string?> ThreadAsync(ValueTask<ReadResult> reading)
    {
        // Not back to xunit's own context.
        await reading.ConfigureAwait(false);
        return Thread.CurrentThread.Name;
    }

    private static async Task HelloAsync(Socket client, ConnectionContext connection)
    {
        await client.SendAsync("hello"u8.ToArray(), TestContext.Current.CancellationToken);
        var read = await connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        await using (connection)
            await connection.Transport.Input.CopyToAsync(connection.Transport.Output, TestContext.Current.CancellationToken);
    }

    private static async Task SendAsync(Socket client, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
            at += await client.SendAsync(bytes.AsMemory(at), TestContext.Current.CancellationToken);
        client.Shutdown(SocketShutdown.Send);
    }
}
