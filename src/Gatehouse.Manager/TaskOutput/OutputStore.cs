using System.Collections.Concurrent;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.TaskOutput;

/// <summary>
/// Task output: one file per task under the data directory, appended at offsets the delegate names. What was acknowledged is in the
/// file, so it survives the death of this process; a chunk sent twice is cut, one that would leave a gap is not written.
/// </summary>
internal sealed class OutputStore(ManagerOptions options, TimeProvider time) : IDisposable
{
    /// <summary>How long a log that nobody uses stays in memory; the file tells its length again.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, OutputLog> _open = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when the server stops: followers must not keep it from stopping.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Appends what is new of a chunk, and answers where the next one must start.</summary>
    public async Task<TaskOutputReceipt> AppendAsync(string taskId, long offset, ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        var log = Open(taskId);
        await log.Writer.WaitAsync(cancellationToken);
        try
        {
            var length = log.Length;
            if (offset > length && length < Limits.MaxTaskOutputBytes)
                return new TaskOutputReceipt(length, false);
            var fresh = Math.Min(chunk.Length, offset + chunk.Length - length) is var count and > 0 ? chunk[^(int)count..] : default;
            var room = Limits.MaxTaskOutputBytes - length;
            var written = fresh.Length <= room ? fresh : fresh[..(int)room];
            if (!written.IsEmpty)
            {
                var path = PathOf(taskId);
                PrivateFiles.EnsureFolder(Path.GetDirectoryName(path)!);
                await using var file = PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.Write);
                // At the offset and not at the end: a chunk that was cut short by a crash is written over.
                await RandomAccess.WriteAsync(file.SafeFileHandle, written, length, CancellationToken.None);
                log.Grew(length + written.Length);
            }
            // What lies beyond the limit is dropped, and counts as taken, so that the delegate does not send it again and again.
            return new TaskOutputReceipt(Math.Max(length + written.Length, offset + chunk.Length), offset + chunk.Length > Limits.MaxTaskOutputBytes);
        }
        finally
        {
            log.Writer.Release();
        }
    }

    /// <summary>The task's log, made when it is not in memory.</summary>
    public OutputLog Open(string taskId)
    {
        var log = _open.GetOrAdd(taskId, id => new OutputLog(LengthOnDisk(id)));
        log.TouchedAt = time.GetUtcNow().UtcTicks;
        return log;
    }

    public long LengthOf(string taskId) => _open.TryGetValue(taskId, out var log) ? log.Length : LengthOnDisk(taskId);

    /// <summary>The task ended: followers may go when they have read what is there.</summary>
    public void Complete(string taskId)
    {
        if (_open.TryGetValue(taskId, out var log))
            log.Complete();
    }

    /// <summary>Reads from the file; 0 when there is none.</summary>
    public async ValueTask<int> ReadAsync(string taskId, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = PrivateFiles.Open(PathOf(taskId), FileMode.Open, FileAccess.Read);
            return await RandomAccess.ReadAsync(file.SafeFileHandle, buffer, offset, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0;
        }
    }

    public void Delete(string taskId)
    {
        _open.TryRemove(taskId, out _);
        try
        {
            File.Delete(PathOf(taskId));
        }
        catch (DirectoryNotFoundException)
        {
            // It never wrote anything.
        }
    }

    /// <summary>Forgets logs that nobody uses.</summary>
    public void Sweep()
    {
        var since = (time.GetUtcNow() - s_idle).UtcTicks;
        foreach (var (id, log) in _open)
        {
            if (Volatile.Read(ref log.Followers) == 0 && log.TouchedAt < since)
                _open.TryRemove(id, out _);
        }
    }

    public void StopFollowers() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();

    private long LengthOnDisk(string taskId) => new FileInfo(PathOf(taskId)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Ids are ours (hex), never a caller's text; the last two digits spread them, the first ones being the time.</summary>
    private string PathOf(string taskId) => Path.Combine(options.TaskOutputDirectory, taskId[^2..], taskId + ".log");
}
