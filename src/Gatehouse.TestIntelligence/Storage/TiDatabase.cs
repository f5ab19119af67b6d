using Gatehouse.TestIntelligence.Protocol;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>
/// The way to the TI service's own SQLite file (ADR 0017): any number of readers, one writer at a time. What is lost here is learnt again by running all
/// tests once, so commits do not wait for the disk, and a damaged file is put aside and begun anew.
/// </summary>
internal sealed partial class TiDatabase : IDisposable
{
    private const string Pragmas = "PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;";

    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly string _file;
    private readonly string _connectionString;
    private readonly TimeProvider _time;
    private readonly ILogger<TiDatabase> _logger;

    public TiDatabase(TestIntelligenceOptions options, TimeProvider time, ILogger<TiDatabase> logger)
    {
        (_file, _time, _logger) = (options.DatabaseFile, time, logger);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = _file, Pooling = true }.ConnectionString;
    }

    /// <summary>Makes the file or brings it up to date. Runs before anything listens.</summary>
    /// <exception cref="InvalidDataException">It was written by a newer version.</exception>
    public void Prepare()
    {
        PrivateFolder.Ensure(Path.GetDirectoryName(_file)!);
        try
        {
            Upgrade();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26)
        {
            // SQLITE_CORRUPT, SQLITE_NOTADB.
            SqliteConnection.ClearAllPools();
            var aside = $"{_file}.damaged-{_time.GetUtcNow().ToUnixTimeSeconds()}";
            File.Move(_file, aside, overwrite: true);
            File.Delete(_file + "-wal");
            File.Delete(_file + "-shm");
            Log.Damaged(_logger, aside, e.Message);
            Upgrade();
        }
    }

    /// <summary>Reads; never sees half of a write. A query that takes too long, or that nobody waits for any more, is broken off.</summary>
    /// <exception cref="InputException">It took too long.</exception>
    public T Read<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        using var tooLong = new CancellationTokenSource(TiLimits.MaxQueryTime);
        // Disposing a registration waits for its callback: none runs once the connection is another's.
        using var timer = tooLong.Token.UnsafeRegister(Interrupt, connection);
        using var aborted = cancellationToken.UnsafeRegister(Interrupt, connection);
        try
        {
            return query(connection);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_INTERRUPT)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InputException($"This would take longer than {TiLimits.MaxQueryTime.TotalSeconds:0} seconds; ask for less: one step, or fewer and shorter search terms.");
        }
    }

    /// <summary>Writes in one transaction; an exception changes nothing.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction();
            var result = work(connection);
            transaction.Commit();
            return result;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _writer.Dispose();
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static void Interrupt(object? connection) => SQLitePCL.raw.sqlite3_interrupt(((SqliteConnection)connection!).Handle);

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            connection.Run(Pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Upgrade()
    {
        PrivateFolder.EnsureFile(_file); // SQLite gives its -wal and -shm files the mode of this one.
        using var connection = Open();
        connection.Run("PRAGMA journal_mode=WAL;");
        var version = (int)connection.Scalar("PRAGMA user_version;");
        if (version > TiSchema.Steps.Count)
            throw new InvalidDataException($"{_file} was written by a newer version of Gatehouse. Run that one, or delete the file: all tests then run once, and reports begin anew.");
        for (; version < TiSchema.Steps.Count; version++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Run(TiSchema.Steps[version]);
            connection.Run($"PRAGMA user_version={version + 1};");
            transaction.Commit();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Error, "The TI service's database is damaged ({Reason}); it is kept as {Aside}, and a new one begins. All tests run once", EventName = "TiDatabaseDamaged")]
        public static partial void Damaged(ILogger logger, string aside, string reason);
    }
}
