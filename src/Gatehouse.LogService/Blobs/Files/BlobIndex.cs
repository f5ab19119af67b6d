using Gatehouse.LogService.Streams;
using Microsoft.Data.Sqlite;

namespace Gatehouse.LogService.Blobs.Files;

/// <summary>
/// Which keys have a file: the files' names are hashes, and prefixes are asked for. A row is written before its file and removed after it, so that a
/// list never lacks a blob that is there; one whose file never came is not shown.
/// </summary>
internal sealed class BlobIndex : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();

    public BlobIndex(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        _connection.Open();
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;" +
            "CREATE TABLE IF NOT EXISTS blobs (account TEXT NOT NULL, key TEXT NOT NULL, written INTEGER NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;" +
            "CREATE INDEX IF NOT EXISTS blobs_written ON blobs (written);");
    }

    public void Add(StreamId id, DateTimeOffset now) => Run(
        "INSERT INTO blobs (account, key, written) VALUES ($account, $key, $written) ON CONFLICT DO UPDATE SET written = excluded.written",
        ("$account", id.Account), ("$key", id.Key), ("$written", now.ToUnixTimeMilliseconds()));

    public void Remove(StreamId id) => Run("DELETE FROM blobs WHERE account = $account AND key = $key", ("$account", id.Account), ("$key", id.Key));

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
}
