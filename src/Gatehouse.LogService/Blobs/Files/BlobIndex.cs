using System.Collections.Concurrent;
using Gatehouse.LogService.Streams;
using Microsoft.Data.Sqlite;

namespace Gatehouse.LogService.Blobs.Files;

/// <summary>
/// Which keys have a file: the files' names are hashes, and prefixes are asked for. A row is written before its file and removed after it, so that a
/// list never lacks a blob that is there; one whose file never came is not shown.
/// </summary>
internal sealed class BlobIndex : IDisposable
{
    /// <summary>More than ever wait: who adds is always in the batch it makes.</summary>
    private const int MostAtOnce = 10_000;

    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<Addition> _waiting = new();

    public BlobIndex(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        _connection.Open();
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;" +
            "CREATE TABLE IF NOT EXISTS blobs (account TEXT NOT NULL, key TEXT NOT NULL, written INTEGER NOT NULL, size INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (account, key)) WITHOUT ROWID;" +
            "CREATE INDEX IF NOT EXISTS blobs_written ON blobs (written);");
        if (Number("SELECT count(*) FROM pragma_table_info('blobs') WHERE name = 'size'") == 0)
            Run("ALTER TABLE blobs ADD COLUMN size INTEGER NOT NULL DEFAULT 0");
    }

    /// <summary>
    /// Takes note of a blob; how large the one was that it replaces, 0 when there was none. Durable when it returns. Who comes while another is at it waits, and whoever is next
    /// takes all that wait into one transaction: many at once wait for the disk once. It blocks; call it from a thread of its own.
    /// </summary>
    public long Add(StreamId id, long size, DateTimeOffset now)
    {
        var mine = new Addition(id, size, now);
        _waiting.Enqueue(mine);
        lock (_lock)
        {
            if (!mine.IsDone)
                AddWaiting();
        }
        return mine.Failure is null ? mine.Before : throw mine.Failure;
    }

    /// <summary>Takes note that blobs are gone; how large they were together, one that was none with 0.</summary>
    public long Remove(string account, IReadOnlyList<string> keys)
    {
        lock (_lock)
        {
            Run("BEGIN IMMEDIATE");
            try
            {
                var before = keys.Sum(key => Remove(new StreamId(account, key)));
                Run("COMMIT");
                return before;
            }
            catch (SqliteException)
            {
                RollBack();
                throw;
            }
        }
    }

    /// <summary>Bytes of all the account's blobs.</summary>
    public long Used(string account) => Number("SELECT CAST(total(size) AS INTEGER) FROM blobs WHERE account = $account", ("$account", account));

    /// <summary>Keys that begin with <paramref name="prefix"/> and come after <paramref name="after"/>, in order.</summary>
    public List<string> Keys(string account, string prefix, string? after, int limit)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            // Keys in order: those with the prefix lie together, and the first without it ends the walk.
            command.CommandText = $"SELECT key FROM blobs WHERE account = $account AND key {(after is null ? ">=" : ">")} $from ORDER BY key LIMIT $limit";
            command.Parameters.AddWithValue("$account", account);
            command.Parameters.AddWithValue("$from", after ?? prefix);
            command.Parameters.AddWithValue("$limit", limit);
            var keys = new List<string>();
            using var reader = command.ExecuteReader();
            while (reader.Read() && reader.GetString(0) is var key && key.StartsWith(prefix, StringComparison.Ordinal))
                keys.Add(key);
            return keys;
        }
    }

    public List<StreamId> WrittenBefore(DateTimeOffset time, int limit)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT account, key FROM blobs WHERE written < $time ORDER BY written LIMIT $limit";
            command.Parameters.AddWithValue("$time", time.ToUnixTimeMilliseconds());
            command.Parameters.AddWithValue("$limit", limit);
            var found = new List<StreamId>();
            using var reader = command.ExecuteReader();
            while (reader.Read())
                found.Add(new StreamId(reader.GetString(0), reader.GetString(1)));
            return found;
        }
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>Under the lock.</summary>
    private long Remove(StreamId id)
    {
        var before = SizeOf(id);
        Run("DELETE FROM blobs WHERE account = $account AND key = $key", ("$account", id.Account), ("$key", id.Key));
        return before;
    }

    /// <summary>Under the lock.</summary>
    private void AddWaiting()
    {
        var batch = new List<Addition>();
        while (batch.Count < MostAtOnce && _waiting.TryDequeue(out var next))
            batch.Add(next);
        try
        {
            Run("BEGIN IMMEDIATE");
            foreach (var one in batch)
            {
                one.Before = SizeOf(one.Id);
                Run("INSERT INTO blobs (account, key, written, size) VALUES ($account, $key, $written, $size) ON CONFLICT DO UPDATE SET written = excluded.written, size = excluded.size",
                    ("$account", one.Id.Account), ("$key", one.Id.Key), ("$written", one.Now.ToUnixTimeMilliseconds()), ("$size", one.Size));
            }
            Run("COMMIT");
        }
        catch (SqliteException e)
        {
            batch.ForEach(one => one.Failure = e);
            RollBack();
        }
        batch.ForEach(one => one.IsDone = true);
    }

    private void RollBack()
    {
        try
        {
            Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Some errors have ended the transaction already.
        }
    }

    private long SizeOf(StreamId id) =>
        Number("SELECT CAST(total(size) AS INTEGER) FROM blobs WHERE account = $account AND key = $key", ("$account", id.Account), ("$key", id.Key));

    private long Number(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value);
            return (long)command.ExecuteScalar()!;
        }
    }

    private void Run(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_lock)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>What waits to be added; touched under the lock once it is queued.</summary>
    private sealed class Addition(StreamId id, long size, DateTimeOffset now)
    {
        public StreamId Id => id;

        public long Size => size;

        public DateTimeOffset Now => now;

        public bool IsDone { get; set; }

        public long Before { get; set; }

        public SqliteException? Failure { get; set; }
    }
}
