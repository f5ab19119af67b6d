using System.Diagnostics;

namespace Gatehouse.Load;

/// <summary>Keeps a number of threads busy for a time; every operation either succeeded or ends the run.</summary>
internal static class LoadRunner
{
    /// <summary>More of the handshakes than this that were not resumed, and the row would not be what it says.</summary>
    private const double MostMissed = 0.01;

    // Over all accounts in turn, and on from there in the next cell: the server meets every account as often as any other.
    private static int s_turn = -1;

    /// <summary>Full handshake, one proxied GET, close; returns how many.</summary>
    public static Task<long> HandshakesAsync(LoadTarget target, int workers, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(workers, duration, (_, isOver) =>
        {
            var (answers, done) = (new AnswerReader(), 0L);
            while (!isOver())
            {
                var account = target.Certificates.Accounts[NextAccount(target)];
                using var connection = LoadConnection.Open(target, account.HostName, account.Profile(target.Tls), session: null);
                answers.Last(connection, account);
                done++;
            }
            return done;
        }, cancellationToken);

    /// <summary>The same with a session of before; returns how many were resumed.</summary>
    /// <exception cref="BenchFailedException">More than one in a hundred was not.</exception>
    public static async Task<long> ResumedAsync(LoadTarget target, SessionJar jar, int workers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var missed = 0L;
        var resumed = await RunAsync(workers, duration, (_, isOver) =>
        {
            var (answers, done) = (new AnswerReader(), 0L);
            while (!isOver())
            {
                var number = NextAccount(target);
                var account = target.Certificates.Accounts[number];
                using var session = jar.Take(number);
                if (session is null)
                    continue;
                using var connection = LoadConnection.Open(target, account.HostName, account.Profile(target.Tls), session);
                answers.Last(connection, account);
                jar.Put(number, connection.TakeSession());
                if (connection.IsResumed)
                    done++;
                else
                    Interlocked.Increment(ref missed);
            }
            return done;
        }, cancellationToken);
        return missed <= MostMissed * (resumed + missed)
            ? resumed
            : throw new BenchFailedException($"{target.Name} did not resume {missed} of {resumed + missed} sessions with {LoadTarget.NameOf(target.Tls)}.");
    }

    /// <summary>Proxied GETs, one after the other on each of <paramref name="connections"/>; returns how many.</summary>
    public static Task<long> RequestsAsync(IReadOnlyList<(BenchAccount Account, LoadConnection Connection)> connections, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(connections.Count, duration, (worker, isOver) =>
        {
            var (answers, done) = (new AnswerReader(), 0L);
            while (!isOver())
            {
                answers.Keep(connections[worker].Connection, connections[worker].Account);
                done++;
            }
            return done;
        }, cancellationToken);

    /// <summary>HTTP/2 GETs, <paramref name="streams"/> in flight on each of <paramref name="connections"/>; returns how many.</summary>
    public static Task<long> Http2Async(IReadOnlyList<Http2Connection> connections, int streams, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(connections.Count, duration, (worker, isOver) => connections[worker].Run(streams, isOver), cancellationToken);

    private static int NextAccount(LoadTarget target) => (int)((uint)Interlocked.Increment(ref s_turn) % target.Certificates.Accounts.Count);

    // Threads that wait in the kernel: no queue, no callbacks, nothing of the generator between the socket and libssl.
    private static async Task<long> RunAsync(int workers, TimeSpan duration, Func<int, Func<bool>, long> work, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = Enumerable.Range(0, workers).Select(worker => Task.Factory.StartNew(
            () => work(worker, () => watch.Elapsed >= duration || failure.IsCancellationRequested),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        await foreach (var ended in Task.WhenEach(tasks))
        {
            if (ended.IsFaulted)
                await failure.CancelAsync();
        }
        cancellationToken.ThrowIfCancellationRequested();
        return (await Task.WhenAll(tasks)).Sum();
    }
}
