using System.Runtime.CompilerServices;

namespace Gatehouse.LogService.Streams.Redis;

/// <summary>
/// Readers of streams in Redis. Each keeps the number of the line it wants next and asks from there on when it is woken: history and live are one
/// way of asking, without a gap and without a line twice.
/// </summary>
internal sealed class RedisTail(RedisLink link, TimeProvider time)
{
    /// <summary>Up to this many entries of up to <see cref="LogLimits.ChunkLines"/> lines are asked for at once.</summary>
    private const int EntriesAtOnce = 16;

    /// <summary>Signals may be lost with a connection: whoever hears nothing looks by himself.</summary>
    private static readonly TimeSpan s_lookAnyway = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);
    private readonly RedisSignals _signals = new(link);

    /// <summary>A stretch of a generation.</summary>
    /// <param name="Parts">Lines, and what is missing before them.</param>
    /// <param name="Cursor">The line that is wanted next.</param>
    /// <param name="IsEnded">No line comes after those that are there.</param>
    /// <param name="Next">Number of the line that the writer writes next.</param>
    internal readonly record struct Stretch(IReadOnlyList<TailPart> Parts, long Cursor, bool IsEnded, long Next);

    public async IAsyncEnumerable<TailPart> FollowAsync(StreamId id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A stream that is opened again is another one; its readers go on with that.
        var names = new RedisNames(id.Account);
        string? last = null;
        while (await PatientlyAsync(() => GenerationAsync(names, id.Key), cancellationToken) is { } generation && generation != last)
        {
            using var listener = await _signals.ListenAsync(names.Facts(generation));
            await CountReaderAsync(names, generation, 1);
            try
            {
                for (var cursor = 0L; ;)
                {
                    var changed = listener.Next;
                    if (await PatientlyAsync(() => ReadAsync(names, generation, cursor), cancellationToken) is not { } read)
                        break; // Redis lost it, or it ended an hour ago.
                    foreach (var part in read.Parts)
                        yield return part;
                    cursor = read.Cursor;
                    if (read.Parts.Count > 0)
                        continue;
                    if (read.IsEnded)
                    {
                        // Its lines were let go before this reader came to them.
                        if (read.Next > cursor)
                            yield return new TailPart(ReadOnlyMemory<byte>.Empty, read.Next - cursor);
                        break;
                    }
                    await WaitAsync(changed, s_lookAnyway, cancellationToken);
                }
            }
            finally
            {
                await CountReaderAsync(names, generation, -1);
            }
            last = generation;
        }
    }

    /// <summary>What comes from line <paramref name="cursor"/> on; null when the generation is forgotten.</summary>
    public async Task<Stretch?> ReadAsync(RedisNames names, string generation, long cursor)
    {
        var answer = await link.RunAsync(RedisScripts.Read, [names.Facts(generation), names.Lines(generation)], cursor, EntriesAtOnce);
        if (answer.IsNull)
            return null;
        var next = (long)answer[1];
        var parts = new List<TailPart>();
        for (var i = 0; i < answer[2].Length; i++)
        {
            var entry = answer[2][i];
            var (first, count) = NumbersOf((string)entry[0]!);
            parts.Add(new TailPart((byte[])entry[1][1]!, first - cursor));
            cursor = first + count;
        }
        return new Stretch(parts, cursor, (int)answer[0] == 1, next);
    }

    private async Task<string?> GenerationAsync(RedisNames names, string key)
    {
        var answer = await link.RunAsync(RedisScripts.Join, [names.Open], names.Prefix, key);
        return answer.IsNull ? null : (string)answer!;
    }

    private async Task CountReaderAsync(RedisNames names, string generation, int change)
    {
        try
        {
            await link.RunAsync(RedisScripts.CountReader, [names.Facts(generation)], change);
        }
        catch (StoreUnavailableException)
        {
            // For people to see; nothing depends on it.
        }
    }

    /// <summary>A reader is not sent away because Redis is: it waits.</summary>
    private async Task<T> PatientlyAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(s_again, time, cancellationToken);
            }
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(atMost, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Look anyway.
        }
    }

    private static (long First, long Count) NumbersOf(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return (long.Parse(id.AsSpan(0, dash), System.Globalization.CultureInfo.InvariantCulture) - 1, long.Parse(id.AsSpan(dash + 1), System.Globalization.CultureInfo.InvariantCulture));
    }
}
