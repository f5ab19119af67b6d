namespace Gatehouse.LogService.Streams;

/// <summary>Where the lines of open streams are: in this process, or in Redis.</summary>
internal interface ILiveStore
{
    /// <summary>Takes over what the previous run had; before anything listens.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>What the store does meanwhile, until it is cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Puts away what is not put away yet; for the end.</summary>
    void Flush();

    /// <summary>Opens the stream empty; one that is there is emptied (sheet §4). Its readers stay and see the new lines.</summary>
    /// <returns>False when the account has as many streams as it may.</returns>
    Task<bool> OpenAsync(StreamId id, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Adds lines in their order.</summary>
    /// <param name="id">The stream.</param>
    /// <param name="lines">What to add.</param>
    /// <param name="firstLine">Number of the first of them, counted by the writer from 0: what is there already is not added again. Null: the writer does not count.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    Task<AppendResult> AppendAsync(StreamId id, LineBatch lines, long? firstLine, CancellationToken cancellationToken);

    /// <summary>All lines there are, and what was noted of the blob; null when there is no such stream.</summary>
    /// <param name="id">The stream.</param>
    /// <param name="seal">Stops writers; repeatable.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    Task<StreamLines?> LinesAsync(StreamId id, bool seal, CancellationToken cancellationToken);

    /// <summary>Notes <see cref="StreamLines.EarlierBytes"/> with the stream; known to whoever takes the stream over when it returns. Nothing when there is no such stream.</summary>
    Task NoteBlobAsync(StreamId id, long earlierBytes, CancellationToken cancellationToken);

    /// <summary>Lets writers of a sealed stream on again.</summary>
    Task UnsealAsync(StreamId id);

    /// <summary>Removes the sealed stream; its readers come to the end. One that was opened meanwhile is another one, and stays.</summary>
    Task RemoveAsync(StreamId id);

    /// <summary>Removes all the account's streams with their lines; their readers come to the end.</summary>
    Task DropAsync(string account, CancellationToken cancellationToken);

    /// <summary>The lines there are, then those that come, until the stream is removed. Nothing for an unknown one.</summary>
    IAsyncEnumerable<TailPart> FollowAsync(StreamId id, CancellationToken cancellationToken);

    /// <summary>Keys of the account's streams that begin with <paramref name="prefix"/>, compared as plain text.</summary>
    Task<IReadOnlyList<string>> KeysAsync(string account, string prefix, CancellationToken cancellationToken);

    /// <summary>What is known of the account's streams.</summary>
    Task<IReadOnlyList<StreamFacts>> FactsAsync(string account, CancellationToken cancellationToken);

    /// <summary>Streams whose lifetime is over.</summary>
    Task<IReadOnlyList<StreamId>> ExpiredAsync(CancellationToken cancellationToken);

    /// <summary>Throws when the store cannot be used now.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>How a write ended.</summary>
/// <param name="Found">False: there is no such stream, or it is being closed.</param>
/// <param name="Expected">Set when lines are missing before these: the number of the line that is wanted next. Nothing was added.</param>
internal readonly record struct AppendResult(bool Found, long? Expected = null);

/// <summary>Lines for a reader.</summary>
/// <param name="Ndjson">Whole lines.</param>
/// <param name="Missed">How many lines before them the reader was too slow for.</param>
internal readonly record struct TailPart(ReadOnlyMemory<byte> Ndjson, long Missed);

/// <summary>One open stream.</summary>
internal readonly record struct StreamFacts(string Key, long Lines, int Subscribers, TimeSpan TimeLeft);
