using System.Diagnostics;

namespace Gatehouse.Load;

/// <summary>Keeps a number of workers busy for a time; every operation either succeeded or ends the run.</summary>
internal static class LoadRunner
{
    /// <summary>Full handshake, one proxied GET, close; returns how many.</summary>
    public static Task<long> HandshakesAsync(LoadTarget target, int workers, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(workers, duration, async (isOver, token) =>
        {
            var done = 0L;
            while (!isOver())
            {
                await using var connection = await ProvenConnection.OpenAsync(target, token);
                await connection.RequestAsync(LoadTarget.CloseRequest, token);
                done++;
            }
            return done;
        }, cancellationToken);

    /// <summary>Proxied GETs, one after the other on each of <paramref name="connections"/>; returns how many.</summary>
    public static Task<long> RequestsAsync(IReadOnlyList<ProvenConnection> connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var next = -1;
        return RunAsync(connections.Count, duration, async (isOver, token) =>
        {
            var connection = connections[Interlocked.Increment(ref next)];
            var done = 0L;
            while (!isOver())
            {
                await connection.RequestAsync(LoadTarget.KeepRequest, token);
                done++;
            }
            return done;
        }, cancellationToken);
    }

    private static async Task<long> RunAsync(
        int workers, TimeSpan duration, Func<Func<bool>, CancellationToken, Task<long>> work, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A server that stops answering must not hold the run for ever.
        failure.CancelAfter(duration + TimeSpan.FromSeconds(30));
        var tasks = Enumerable.Range(0, workers).Select(_ => Task.Run(() => work(() => watch.Elapsed >= duration, failure.Token), failure.Token)).ToList();
        await foreach (var ended in Task.WhenEach(tasks))
        {
            if (ended.IsFaulted)
                await failure.CancelAsync();
        }
        var failed = tasks.FirstOrDefault(t => t.IsFaulted);
        return failed is null ? (await Task.WhenAll(tasks)).Sum() : await failed;
    }
}
