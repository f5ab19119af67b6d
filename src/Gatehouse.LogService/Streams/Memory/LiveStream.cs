using Gatehouse.LogService.Journal;

namespace Gatehouse.LogService.Streams.Memory;

/// <summary>
/// The lines of one stream. Readers keep a number, not a buffer: what a slow one has not read is dropped with the oldest lines and counted as missed,
/// and nobody waits for it.
/// </summary>
internal sealed class LiveStream(StreamId id, DateTimeOffset expiresAt)
{
    private readonly Lock _lock = new();
    private readonly Queue<Chunk> _chunks = new();
    private TaskCompletionSource _changed = NewSignal();
    private List<JournalEntry> _unwritten = [];
    private long _first, _next, _bytes, _numbered, _unwrittenBytes;
    private bool _isSealed, _isEnded, _isBehind, _isNoteUnwritten;
    private long? _earlierBytes;

    public StreamId Id => id;

    public DateTimeOffset ExpiresAt => expiresAt;

    /// <summary>Where the journal keeps this stream; touched by the journal only.</summary>
    public JournalFile? File { get; set; }

    public int Subscribers;

    /// <summary>Not 0: it waits for the journal.</summary>
    public int IsQueued;

    /// <summary>More came than is kept since the journal last wrote: it has to be written as a whole.</summary>
    public bool IsBehind
    {
        get
        {
            lock (_lock)
                return _isBehind;
        }
    }

    public long Lines
    {
        get
        {
            lock (_lock)
                return _next - _first;
        }
    }

    public bool IsSealed
    {
        get
        {
            lock (_lock)
                return _isSealed;
        }
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Adds lines. What is dropped for them is subtracted from <paramref name="account"/>.</summary>
    /// <returns>How it went, and whether the journal has something to write.</returns>
    public (AppendResult Result, bool HasChanged) Append(LineBatch lines, long? firstLine, MemoryBudget account)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_isSealed)
                return (new AppendResult(Found: false), false);
            if (firstLine is { } number)
            {
                if (number > _numbered)
                    return (new AppendResult(Found: true, Expected: _numbered), false);
                lines = lines.Skip((int)Math.Min(_numbered - number, lines.Count));
                _numbered += lines.Count;
            }
            if (lines.Count == 0)
                return (new AppendResult(Found: true), false);
            Keep(lines, account);
            AddUnwritten(new JournalEntry(firstLine is null ? null : _numbered - lines.Count, lines.Ndjson));
            (changed, _changed) = (_changed, NewSignal());
        }
        changed.TrySetResult();
        return (new AppendResult(Found: true), true);
    }

    /// <summary>Takes lines back from the journal; nobody reads or writes yet.</summary>
    public void Restore(LineBatch lines, long? firstLine, MemoryBudget account)
    {
        lock (_lock)
        {
            if (firstLine is { } number)
                _numbered = number + lines.Count;
            Keep(lines, account);
        }
    }

    /// <summary>Takes the note back from the journal.</summary>
    public void Restore(long? earlierBytes)
    {
        lock (_lock)
            _earlierBytes = earlierBytes;
    }

    /// <summary>All lines there are; with <paramref name="seal"/> writers are stopped.</summary>
    public StreamLines All(bool seal)
    {
        lock (_lock)
        {
            _isSealed |= seal;
            return new StreamLines([.. _chunks.Select(chunk => chunk.Ndjson)], _earlierBytes);
        }
    }

    /// <summary>Notes <see cref="StreamLines.EarlierBytes"/>.</summary>
    public void NoteBlob(long earlierBytes)
    {
        lock (_lock)
        {
            _isNoteUnwritten |= _earlierBytes != earlierBytes;
            _earlierBytes = earlierBytes;
        }
    }

    public void Unseal()
    {
        lock (_lock)
            _isSealed = _isEnded;
    }

    /// <summary>No line comes any more; readers come to the end, the memory is given back.</summary>
    public void End(MemoryBudget account)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_isEnded)
                return;
            (_isSealed, _isEnded) = (true, true);
            account.Add(-_bytes);
            _unwritten = [];
            changed = _changed;
        }
        changed.TrySetResult();
    }

    /// <summary>What comes after line <paramref name="cursor"/>, as one piece; when there is nothing yet, a task that ends when there may be.</summary>
    public (TailPart? Part, long Cursor, bool IsEnd, Task Changed) Read(long cursor)
    {
        lock (_lock)
        {
            foreach (var chunk in _chunks)
            {
                if (chunk.First + chunk.Count <= cursor)
                    continue;
                var from = Math.Max(cursor, chunk.First);
                var lines = new LineBatch(chunk.Ndjson, chunk.Count).Skip((int)(from - chunk.First));
                return (new TailPart(lines.Ndjson, from - cursor), chunk.First + chunk.Count, false, Task.CompletedTask);
            }
            return (null, cursor, _isEnded, _changed.Task);
        }
    }

    /// <summary>What the journal has not written yet; the note only when it is new.</summary>
    public (IReadOnlyList<JournalEntry> Lines, long? EarlierBytes) TakeUnwritten()
    {
        lock (_lock)
        {
            var taken = (_unwritten, _isNoteUnwritten ? _earlierBytes : null);
            (_unwritten, _unwrittenBytes, _isNoteUnwritten) = ([], 0, false);
            return taken;
        }
    }

    /// <summary>All that is kept, for a journal file that is written anew, and the number of the writer's next line. What is unwritten is in it.</summary>
    public (IReadOnlyList<ReadOnlyMemory<byte>> Lines, long Numbered, long? EarlierBytes) TakeAll()
    {
        lock (_lock)
        {
            (_unwritten, _unwrittenBytes, _isBehind, _isNoteUnwritten) = ([], 0, false, false);
            return ([.. _chunks.Select(chunk => chunk.Ndjson)], _numbered, _earlierBytes);
        }
    }

    /// <summary>The journal may be unable to write for hours: what waits for it takes no more than what is kept anyway.</summary>
    private void AddUnwritten(JournalEntry entry)
    {
        if (_isBehind)
            return;
        _unwritten.Add(entry);
        _unwrittenBytes += entry.Ndjson.Length;
        if (_unwrittenBytes > Math.Max(_bytes, LogLimits.ChunkBytes) || _unwritten.Count > LogLimits.MaxLines)
            (_unwritten, _unwrittenBytes, _isBehind) = ([], 0, true);
    }

    private void Keep(LineBatch lines, MemoryBudget account)
    {
        foreach (var piece in lines.Pieces(LogLimits.ChunkLines, LogLimits.ChunkBytes))
        {
            _chunks.Enqueue(new Chunk(_next, piece.Count, piece.Ndjson.ToArray())); // Its own memory, so that dropping it gives that back.
            _next += piece.Count;
            _bytes += piece.Ndjson.Length;
            account.Add(piece.Ndjson.Length);
        }
        // A writer pays for itself: with the account's memory used up its own oldest lines go, and of what it just wrote all but a little.
        while (_chunks.Count > 0 && (_next - _first - _chunks.Peek().Count >= LogLimits.MaxLines || (account.IsExceeded && _bytes > LogLimits.LeastStreamBytes)))
        {
            var oldest = _chunks.Dequeue();
            _first = oldest.First + oldest.Count;
            _bytes -= oldest.Ndjson.Length;
            account.Add(-oldest.Ndjson.Length);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly record struct Chunk(long First, int Count, ReadOnlyMemory<byte> Ndjson);
}
