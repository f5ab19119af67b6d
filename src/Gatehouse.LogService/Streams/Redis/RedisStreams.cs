using System.Globalization;
using StackExchange.Redis;

namespace Gatehouse.LogService.Streams.Redis;

/// <summary>
/// Open streams in Redis, for several log services at once: whichever takes a write, all see it. What is acknowledged has been added by Redis; how long it
/// outlives Redis itself is Redis' own setting (docs/operate/logs.md).
/// </summary>
internal sealed class RedisStreams : ILiveStore, IAsyncDisposable
{
    /// <summary>A stream that nobody closed in this time after its lifetime, because no log service ran, is dropped by Redis.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromDays(1);
    private const int MostDue = 1_000;
    private readonly LogServiceOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisLink _link;
    private readonly RedisTail _tail;

    public RedisStreams(LogServiceOptions options, RedisLink link, TimeProvider time)
    {
        (_options, _link, _time) = (options, link, time);
        _tail = new RedisTail(link, time);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _link.StartAsync();

    public Task RunAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);

    public void Flush()
    {
        // What was acknowledged is with Redis.
    }

    public async Task<bool> OpenAsync(StreamId id, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var names = new RedisNames(id.Account);
        var expires = (_time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds();
        // Known as due before it is there: one that is opened is never forgotten.
        await _link.UseAsync(database => database.SortedSetAddAsync(RedisNames.Due, RedisNames.DueMember(id), expires));
        return 1 == (int)await _link.RunAsync(RedisScripts.Open, [names.Open, names.Bytes],
            names.Prefix, id.Key, Guid.NewGuid().ToString("N"), expires, (long)(lifetime + s_grace).TotalSeconds, _options.MaxStreamsPerAccount);
    }

    public async Task<AppendResult> AppendAsync(StreamId id, LineBatch lines, long? firstLine, CancellationToken cancellationToken)
    {
        var names = new RedisNames(id.Account);
        while (true)
        {
            List<RedisValue> values = [names.Prefix, id.Key, firstLine ?? -1, LogLimits.MaxLines, _options.MaxLiveBytesPerAccount];
            foreach (var piece in lines.Pieces(LogLimits.ChunkLines, LogLimits.ChunkBytes))
            {
                values.Add(piece.Count);
                values.Add(piece.Ndjson);
            }
            var answer = (long)await _link.RunAsync(RedisScripts.Append, [names.Open, names.Bytes], [.. values]);
            if (answer < 0)
                return new AppendResult(Found: answer == -1);
            if (answer < firstLine)
                return new AppendResult(Found: true, Expected: answer);
            // The first of these lines are there already: again with the others, which must still be what is wanted then.
            var known = (int)Math.Min(answer - firstLine!.Value, lines.Count);
            if (known == lines.Count)
                return new AppendResult(Found: true);
            (lines, firstLine) = (lines.Skip(known), firstLine + known);
        }
    }

    public async Task<StreamLines?> LinesAsync(StreamId id, bool seal, CancellationToken cancellationToken)
    {
        var names = new RedisNames(id.Account);
        var answer = seal
            ? await _link.RunAsync(RedisScripts.Seal, [names.Open], names.Prefix, id.Key, 1)
            : await _link.RunAsync(RedisScripts.Join, [names.Open], names.Prefix, id.Key);
        if (answer.IsNull)
            return null;
        var generation = (string)answer!;
        var lines = new List<ReadOnlyMemory<byte>>();
        for (var cursor = 0L; await _tail.ReadAsync(names, generation, cursor) is { Parts.Count: > 0 } read; cursor = read.Cursor)
            lines.AddRange(read.Parts.Select(part => part.Ndjson));
        var earlierBytes = await _link.UseAsync(database => database.HashGetAsync(names.Facts(generation), "earlier"));
        return new StreamLines(lines, earlierBytes.IsNull ? null : (long)earlierBytes);
    }

    public async Task NoteBlobAsync(StreamId id, long earlierBytes, CancellationToken cancellationToken)
    {
        var names = new RedisNames(id.Account);
        await _link.RunAsync(RedisScripts.NoteBlob, [names.Open], names.Prefix, id.Key, earlierBytes);
    }

    public async Task UnsealAsync(StreamId id)
    {
        var names = new RedisNames(id.Account);
        await _link.RunAsync(RedisScripts.Seal, [names.Open], names.Prefix, id.Key, 0);
    }

    public async Task RemoveAsync(StreamId id)
    {
        var names = new RedisNames(id.Account);
        var expires = await _link.RunAsync(RedisScripts.Remove, [names.Open, names.Bytes], names.Prefix, id.Key);
        if (!expires.IsNull)
            await _link.RunAsync(RedisScripts.ForgetDue, [RedisNames.Due], RedisNames.DueMember(id), (string)expires!);
    }

    public async Task DropAsync(string account, CancellationToken cancellationToken)
    {
        var names = new RedisNames(account);
        foreach (var some in (await KeysAsync(account, "", cancellationToken)).Chunk(MostDue))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(some.Select(async key =>
            {
                await _link.RunAsync(RedisScripts.Seal, [names.Open], names.Prefix, key, 1);
                await RemoveAsync(new StreamId(account, key));
            }));
        }
    }

    public IAsyncEnumerable<TailPart> FollowAsync(StreamId id, CancellationToken cancellationToken) => _tail.FollowAsync(id, cancellationToken);

    public async Task<IReadOnlyList<string>> KeysAsync(string account, string prefix, CancellationToken cancellationToken)
    {
        var keys = await _link.UseAsync(database => database.HashKeysAsync(new RedisNames(account).Open));
        return [.. keys.Select(key => (string)key!).Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];
    }

    public async Task<IReadOnlyList<StreamFacts>> FactsAsync(string account, CancellationToken cancellationToken)
    {
        var names = new RedisNames(account);
        var now = _time.GetUtcNow();
        var open = await _link.UseAsync(database => database.HashGetAllAsync(names.Open));
        var facts = await Task.WhenAll(open.Select(one =>
            _link.UseAsync(database => database.HashGetAsync(names.Facts(one.Value!), ["first", "next", "readers", "expires"]))));
        return
        [
            .. open.Zip(facts).Where(one => !one.Second[0].IsNull).Select(one => new StreamFacts(
                one.First.Name!, (long)one.Second[1] - (long)one.Second[0], (int)one.Second[2], DateTimeOffset.FromUnixTimeMilliseconds((long)one.Second[3]) - now)),
        ];
    }

    public async Task<IReadOnlyList<StreamId>> ExpiredAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var due = await _link.UseAsync(database => database.SortedSetRangeByScoreAsync(RedisNames.Due, double.NegativeInfinity, now, take: MostDue));
        var expired = new List<StreamId>();
        foreach (var member in due)
        {
            var id = RedisNames.OfDueMember(member!);
            var names = new RedisNames(id.Account);
            if (1 == (int)await _link.RunAsync(RedisScripts.IsOver, [names.Open, names.Bytes], names.Prefix, id.Key, now))
                expired.Add(id);
            else
                await _link.RunAsync(RedisScripts.ForgetDue, [RedisNames.Due], member, now.ToString(CultureInfo.InvariantCulture));
        }
        return expired;
    }

    public Task CheckAsync(CancellationToken cancellationToken) => _link.UseAsync(database => database.PingAsync());

    public ValueTask DisposeAsync() => _link.DisposeAsync();
}
