using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Gatehouse.LogService.Journal;

namespace Gatehouse.LogService.Streams.Memory;

/// <summary>Open streams in the memory of this process, with a journal behind them that a killed process is started again from.</summary>
internal sealed class MemoryStreams(LogServiceOptions options, StreamJournal journal, TimeProvider time) : ILiveStore
{
    private readonly MemoryBudget _all = new(options.MaxLiveBytes);
    private readonly ConcurrentDictionary<string, AccountStreams> _accounts = new(StringComparer.Ordinal);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        journal.Recover(this);
        return Task.CompletedTask;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.JournalInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await Task.Run(() => journal.WriteDue(), cancellationToken);
    }

    public void Flush() => journal.WriteDue(isLast: true);

    public Task<bool> OpenAsync(StreamId id, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var account = Account(id.Account);
        var stream = new LiveStream(id, time.GetUtcNow() + lifetime);
        LiveStream? before;
        lock (account.Opening)
        {
            account.Streams.TryGetValue(id.Key, out before);
            if (before is null && account.Streams.Count >= options.MaxStreamsPerAccount)
                return Task.FromResult(false);
            journal.Created(stream);
            account.Streams[id.Key] = stream;
        }
        if (before is not null)
            End(before, account);
        return Task.FromResult(true);
    }

    public Task<AppendResult> AppendAsync(StreamId id, LineBatch lines, long? firstLine, CancellationToken cancellationToken)
    {
        if (Find(id) is not var (account, stream))
            return Task.FromResult(new AppendResult(Found: false));
        var (result, hasChanged) = stream.Append(lines, firstLine, account.Memory);
        if (hasChanged)
            journal.Changed(stream);
        return Task.FromResult(result);
    }

    public Task<StreamLines?> LinesAsync(StreamId id, bool seal, CancellationToken cancellationToken) => Task.FromResult(Find(id)?.Stream.All(seal));

    public Task NoteBlobAsync(StreamId id, long earlierBytes, CancellationToken cancellationToken)
    {
        if (Find(id) is var (_, stream))
        {
            stream.NoteBlob(earlierBytes);
            journal.WriteNow(stream);
        }
        return Task.CompletedTask;
    }

    public Task UnsealAsync(StreamId id)
    {
        Find(id)?.Stream.Unseal();
        return Task.CompletedTask;
    }

    public Task RemoveAsync(StreamId id)
    {
        if (Find(id) is var (account, stream) && stream.IsSealed && account.Streams.TryRemove(new(id.Key, stream)))
            End(stream, account);
        return Task.CompletedTask;
    }

    public Task DropAsync(string account, CancellationToken cancellationToken)
    {
        if (_accounts.TryGetValue(account, out var streams))
        {
            foreach (var one in streams.Streams)
            {
                if (streams.Streams.TryRemove(one))
                    End(one.Value, streams);
            }
        }
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<TailPart> FollowAsync(StreamId id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A stream that is opened again is another one; its readers go on with that.
        LiveStream? last = null;
        while (Find(id) is var (_, stream) && stream != last)
        {
            Interlocked.Increment(ref stream.Subscribers);
            try
            {
                for (long cursor = 0; ;)
                {
                    var (part, next, isEnd, changed) = stream.Read(cursor);
                    if (part is { } lines)
                        yield return lines;
                    else if (isEnd)
                        break;
                    else
                        await changed.WaitAsync(cancellationToken);
                    cursor = next;
                }
            }
            finally
            {
                Interlocked.Decrement(ref stream.Subscribers);
            }
            last = stream;
        }
    }

    public Task<IReadOnlyList<string>> KeysAsync(string account, string prefix, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(
        _accounts.TryGetValue(account, out var streams) ? [.. streams.Streams.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))] : []);

    public Task<IReadOnlyList<StreamFacts>> FactsAsync(string account, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return Task.FromResult<IReadOnlyList<StreamFacts>>(_accounts.TryGetValue(account, out var streams)
            ? [.. streams.Streams.Values.Select(stream => new StreamFacts(stream.Id.Key, stream.Lines, stream.Subscribers, stream.ExpiresAt - now))]
            : []);
    }

    public Task<IReadOnlyList<StreamId>> ExpiredAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return Task.FromResult<IReadOnlyList<StreamId>>(
            [.. _accounts.Values.SelectMany(account => account.Streams.Values).Where(stream => stream.ExpiresAt <= now).Select(stream => stream.Id)]);
    }

    public Task CheckAsync(CancellationToken cancellationToken) => journal.Failure is { } failure ? Task.FromException(failure) : Task.CompletedTask;

    /// <summary>Takes in what the journal had of a stream.</summary>
    public void Restore(LiveStream stream, IEnumerable<(LineBatch Lines, long? FirstLine)> lines, long? earlierBytes)
    {
        var account = Account(stream.Id.Account);
        stream.Restore(earlierBytes);
        foreach (var (batch, firstLine) in lines)
            stream.Restore(batch, firstLine, account.Memory);
        account.Streams[stream.Id.Key] = stream;
    }

    private static void End(LiveStream stream, AccountStreams account)
    {
        stream.End(account.Memory);
        StreamJournal.Ended(stream);
    }

    private AccountStreams Account(string id) => _accounts.GetOrAdd(id, _ => new AccountStreams(new MemoryBudget(options.MaxLiveBytesPerAccount, _all)));

    private (AccountStreams Account, LiveStream Stream)? Find(StreamId id) =>
        _accounts.TryGetValue(id.Account, out var account) && account.Streams.TryGetValue(id.Key, out var stream) ? (account, stream) : null;

    private sealed class AccountStreams(MemoryBudget memory)
    {
        public MemoryBudget Memory => memory;

        public Lock Opening { get; } = new();

        public ConcurrentDictionary<string, LiveStream> Streams { get; } = new(StringComparer.Ordinal);
    }
}
