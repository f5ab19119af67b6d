using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.LogService.Streams;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs.Files;

/// <summary>Blobs in files: <c>aa/bb/&lt;SHA-256 of account and key&gt;</c>. Written beside, synced, renamed, and the folder synced.</summary>
internal sealed class FileBlobs : IBlobStore, IDisposable
{
    /// <summary>Blobs that are listed or deleted together.</summary>
    private const int AtOnce = 1_000;

    private readonly string _root, _temporary;
    private readonly TimeProvider _time;
    private readonly BlobIndex _index;
    private readonly BlobSpace _space;

    /// <summary>Of an account: entered to write a blob's row and file, and alone to delete both, so that neither is left without the other.</summary>
    private readonly ConcurrentDictionary<string, ReaderWriterLockSlim> _gates = new(StringComparer.Ordinal);

    public FileBlobs(LogServiceOptions options, TimeProvider time, ILogger<FileBlobs> logger)
    {
        _root = Path.Combine(options.Directory, "blobs");
        _temporary = Path.Combine(_root, "tmp");
        _time = time;
        PrivateFolder.Make(options.Directory);
        PrivateFolder.Make(_root);
        PrivateFolder.Make(_temporary);
        // What a killed process was writing.
        foreach (var left in Directory.GetFiles(_temporary))
            File.Delete(left);
        _index = new BlobIndex(Path.Combine(_root, "index.db"));
        _space = new BlobSpace(options, account => Index(() => _index.Used(account)), time, logger);
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values)
            gate.Dispose();
        _index.Dispose();
    }

    public bool Takes(StreamId id) => Encoding.UTF8.GetByteCount(id.Key) <= LogLimits.MaxKeyBytes;

    public async Task WriteAsync(StreamId id, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(_temporary, Guid.NewGuid().ToString("N"));
        MeteredStream? metered = null;
        var isKept = false;
        try
        {
            _space.Take(id.Account, 0);
            await using (var file = new FileStream(PrivateFolder.OpenFile(temporary), FileAccess.Write, bufferSize: 64 * 1024))
            {
                metered = new MeteredStream(file, _space, id.Account);
                await write(metered, cancellationToken);
                await file.FlushAsync(cancellationToken);
                // Waiting for the disk is no work for the pool's few threads: others' requests run on them.
                await Task.Factory.StartNew(
                    () =>
                    {
                        file.Flush(flushToDisk: true);
                        Keep();
                    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }
        finally
        {
            metered?.Settle(all: !isKept);
            File.Delete(temporary);
        }

        void Keep()
        {
            var path = PathOf(id);
            var folder = Path.GetDirectoryName(path)!;
            MakeDurably(folder);
            var gate = GateOf(id.Account);
            gate.EnterReadLock();
            try
            {
                _space.GiveBack(id.Account, Index(() => _index.Add(id, metered.Written, _time.GetUtcNow())));
                isKept = true;
                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                gate.ExitReadLock();
            }
            PrivateFolder.Sync(folder);
        }
    }

    private void MakeDurably(string folder)
    {
        if (Directory.Exists(folder))
            return;
        var above = Path.GetDirectoryName(folder)!;
        var isFirst = !Directory.Exists(above);
        PrivateFolder.Make(folder);
        PrivateFolder.Sync(above);
        if (isFirst)
            PrivateFolder.Sync(_root);
    }

    public Task<BlobContent?> ReadAsync(StreamId id, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
            return Task.FromResult<BlobContent?>(new BlobContent(file, file.Length));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<BlobContent?>(null);
        }
    }

    public Task<long?> SizeAsync(StreamId id, CancellationToken cancellationToken) =>
        Task.FromResult(new FileInfo(PathOf(id)) is { Exists: true } file ? file.Length : (long?)null);

    public Task<bool> DeleteAsync(StreamId id, CancellationToken cancellationToken)
    {
        var was = File.Exists(PathOf(id));
        Delete(id.Account, [id.Key]);
        return Task.FromResult(was);
    }

    public async Task DeleteAllAsync(string account, CancellationToken cancellationToken)
    {
        while (Index(() => _index.Keys(account, "", null, AtOnce)) is { Count: > 0 } keys)
            await Task.Run(() => Delete(account, keys), cancellationToken);
    }

    private void Delete(string account, List<string> keys)
    {
        _space.Used(account); // Is counted from here on, before the index changes.
        var gate = GateOf(account);
        gate.EnterWriteLock();
        try
        {
            foreach (var key in keys)
                DeleteFile(PathOf(new StreamId(account, key)));
            _space.GiveBack(account, Index(() => _index.Remove(account, keys)));
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    private static void DeleteFile(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Nor was there a file.
        }
    }

    private ReaderWriterLockSlim GateOf(string account) => _gates.GetOrAdd(account, _ => new ReaderWriterLockSlim());

    public async Task<IReadOnlyList<BlobFacts>> ListAsync(string account, string prefix, int limit, CancellationToken cancellationToken)
    {
        var found = new List<BlobFacts>();
        for (string? after = null; found.Count < limit;)
        {
            var keys = Index(() => _index.Keys(account, prefix, after, AtOnce));
            foreach (var key in keys)
            {
                if (found.Count < limit && await SizeAsync(new StreamId(account, key), cancellationToken) is { } size)
                    found.Add(new BlobFacts(key, size));
            }
            if (keys.Count == 0)
                break;
            after = keys[^1];
        }
        return found;
    }

    public async Task<long> DeleteOlderAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        for (var deleted = 0L; ;)
        {
            var old = Index(() => _index.WrittenBefore(before, AtOnce));
            foreach (var id in old)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await DeleteAsync(id, cancellationToken);
            }
            deleted += old.Count;
            if (old.Count == 0)
                return deleted;
        }
    }

    public Task CheckAsync(CancellationToken cancellationToken)
    {
        Index(() => _index.Keys("", "", null, 1));
        var probe = Path.Combine(_temporary, "probe");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
        return Task.CompletedTask;
    }

    private string PathOf(StreamId id)
    {
        // The account's length goes before it: no account and key read like another's.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id.Account.Length}:{id.Account}/{id.Key}")));
        return Path.Combine(_root, name[..2], name[2..4], name);
    }

    private static T Index<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (SqliteException e)
        {
            throw new IOException($"The index of blobs cannot be used: {e.Message}", e);
        }
    }
}
