using System.Collections.Concurrent;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Streams.Memory;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Journal;

/// <summary>
/// Keeps open streams in files, one each, a moment behind the memory, so that a killed process loses no line that was acknowledged longer ago than
/// the interval. Nothing is synced: what has been written outlives the process, if not the machine's power (docs/operate/logs.md).
/// </summary>
internal sealed partial class StreamJournal(LogServiceOptions options, TimeProvider time, ILogger<StreamJournal> logger)
{
    private const long SmallFile = 1024 * 1024;
    private const string Extension = ".live";
    private readonly string _directory = Path.Combine(options.Directory, "live");

    /// <summary>After so many in a row the disk is to blame, not a file: the others wait, too.</summary>
    private const int MaxFailures = 3;

    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<LiveStream> _dirty = new();
    private TimeSpan _pause = options.JournalInterval;
    private DateTimeOffset _notBefore;

    /// <summary>Why the last attempt to write failed; null when it did not.</summary>
    public IOException? Failure { get; private set; }

    public void Created(LiveStream stream)
    {
        stream.File = new JournalFile(Path.Combine(_directory, Guid.NewGuid().ToString("N") + Extension));
        Changed(stream);
    }

    /// <summary>Streams that have something to write.</summary>
    public int Waiting => _dirty.Count;

    /// <summary>There is something to write.</summary>
    public void Changed(LiveStream stream)
    {
        if (Interlocked.Exchange(ref stream.IsQueued, 1) == 0)
            _dirty.Enqueue(stream);
    }

    public static void Ended(LiveStream stream)
    {
        var file = stream.File!;
        lock (file.Lock)
        {
            file.IsDeleted = true;
            File.Delete(file.Path);
        }
    }

    /// <summary>Writes what is due; after a failure not before a pause that grows. One caller at a time.</summary>
    /// <param name="isLast">There is no later: no pause.</param>
    public void WriteDue(bool isLast = false)
    {
        if (!isLast && Failure is not null && time.GetUtcNow() < _notBefore)
            return;
        var (failures, hasWritten) = (0, false);
        IOException? failure = null;
        for (var left = _dirty.Count; left > 0 && failures < MaxFailures && _dirty.TryDequeue(out var stream); left--)
        {
            // What comes from now on is for the next time.
            Volatile.Write(ref stream.IsQueued, 0);
            try
            {
                Write(stream);
                hasWritten = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures++;
                failure = e as IOException ?? new IOException(e.Message, e);
                stream.File!.MustRewrite = true;
                Changed(stream);
            }
        }
        if (failure is not null && Failure is null)
            Log.Failed(logger, _directory, failure);
        _pause = failure is null || hasWritten ? options.JournalInterval : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, s_longestPause.Ticks));
        _notBefore = time.GetUtcNow() + _pause;
        Failure = failure;
    }

    /// <summary>
    /// Writes what is due of one stream before others. One that has no file yet needs none: nobody would take it over. A disk that fails here is
    /// told of with the next pass.
    /// </summary>
    public void WriteNow(LiveStream stream)
    {
        try
        {
            if (stream.File!.Length > 0)
                Write(stream);
            else
                Changed(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream.File!.MustRewrite = true;
            Changed(stream);
        }
    }

    /// <summary>Reads all files into <paramref name="streams"/>; called once, before anything else.</summary>
    public void Recover(MemoryStreams streams)
    {
        PrivateFolder.Make(_directory);
        var newest = new Dictionary<StreamId, (string Path, DateTimeOffset OpenedAt)>();
        foreach (var path in Directory.GetFiles(_directory))
        {
            if (!path.EndsWith(Extension, StringComparison.Ordinal) || JournalFormat.Read(File.ReadAllBytes(path)) is not var (head, _, _))
            {
                File.Delete(path);
                continue;
            }
            // Two of one stream: it was being opened again when the process was killed.
            var id = new StreamId(head.Account, head.Key);
            if (newest.TryGetValue(id, out var other))
                File.Delete(other.OpenedAt > head.OpenedAt ? path : other.Path);
            if (other.OpenedAt <= head.OpenedAt)
                newest[id] = (path, head.OpenedAt);
        }
        foreach (var (id, (path, _)) in newest)
        {
            var bytes = File.ReadAllBytes(path);
            var (head, lines, earlierBytes) = JournalFormat.Read(bytes)!.Value;
            // A line that was torn off is still in the file.
            var stream = new LiveStream(id, head.ExpiresAt) { File = new JournalFile(path) { Length = bytes.Length, MustRewrite = bytes[^1] != '\n' } };
            streams.Restore(stream, lines, earlierBytes);
        }
        if (newest.Count > 0)
            Log.Recovered(logger, newest.Count);
    }

    private void Write(LiveStream stream)
    {
        var file = stream.File!;
        lock (file.Lock)
        {
            if (file.IsDeleted)
                return;
            if (file.MustRewrite || stream.IsBehind || file.Length > Math.Max(SmallFile, 3 * stream.Bytes))
                Rewrite(stream, file);
            else
                Append(stream, file);
        }
    }

    private void Append(LiveStream stream, JournalFile file)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        if (file.Length == 0)
            parts.Add(Head(stream));
        var (lines, earlierBytes) = stream.TakeUnwritten();
        if (earlierBytes is { } noted)
            parts.Add(JournalFormat.Blob(noted));
        foreach (var entry in lines)
        {
            parts.Add(JournalFormat.Number(entry.FirstLine));
            parts.Add(entry.Ndjson);
        }
        WriteTo(file.Path, file.Length, parts);
        file.Length += parts.Sum(part => (long)part.Length);
    }

    private void Rewrite(LiveStream stream, JournalFile file)
    {
        var (lines, numbered, earlierBytes) = stream.TakeAll();
        List<ReadOnlyMemory<byte>> parts = [Head(stream), .. lines];
        if (earlierBytes is { } noted)
            parts.Add(JournalFormat.Blob(noted));
        if (numbered > 0)
            parts.Add(JournalFormat.Number(numbered));
        var fresh = Path.ChangeExtension(file.Path, ".new");
        File.Delete(fresh);
        WriteTo(fresh, 0, parts);
        File.Move(fresh, file.Path, overwrite: true);
        (file.Length, file.MustRewrite) = (parts.Sum(part => (long)part.Length), false);
    }

    private byte[] Head(LiveStream stream) => JournalFormat.Head(new JournalHead(stream.Id.Account, stream.Id.Key, stream.ExpiresAt, time.GetUtcNow()));

    private static void WriteTo(string path, long offset, List<ReadOnlyMemory<byte>> parts)
    {
        using var handle = PrivateFolder.OpenFile(path);
        RandomAccess.Write(handle, parts, offset);
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Error, "Live log lines cannot be written to {Directory}; they would be lost if this process were killed. Make room on the disk or mend its permissions", EventName = "JournalFailed")]
        public static partial void Failed(ILogger logger, string directory, Exception e);

        [LoggerMessage(4011, LogLevel.Information, "{Count} open log streams were taken over from the previous run", EventName = "JournalRecovered")]
        public static partial void Recovered(ILogger logger, int count);
    }
}
