using System.Data.Common;
using Gatehouse.Manager.Protocol;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// The way to the database. Writers go one at a time: SQLite has one writer anyway, the audit chain needs one order, and what
/// is kept in memory can so follow commits in their order. The model is made when it is first asked: a start does without (<see cref="StoredRows"/>).
/// </summary>
internal sealed class ManagerDatabase(Lazy<IDbContextFactory<ManagerDbContext>> contexts, ManagerOptions options) : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    /// <summary>Makes or upgrades the database. Runs before anything listens.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        PrivateFiles.EnsureFolder(options.DataDirectory);
        if (options.ConnectionString is null)
            PrivateFiles.EnsureFile(options.DatabaseFile); // SQLite gives its -wal and -shm files the mode of this one.
        // Migrating, and asking the model whether there is something to migrate, takes up to half of a second even when there is not.
        if (await HasAllMigrationsAsync(cancellationToken))
            return;
        await using var db = await contexts.Value.CreateDbContextAsync(cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
    }

    /// <summary>Hands over what is stored, before anything listens.</summary>
    public async Task LoadAsync(Action<StoredRows> load, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        load(new StoredRows(connection, cancellationToken));
    }

    private async Task<bool> HasAllMigrationsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL";
        await command.ExecuteNonQueryAsync(cancellationToken);
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsHistory'";
        if (await command.ExecuteScalarAsync(cancellationToken) is not 1L)
            return false;
        var known = new StoredRows(connection, cancellationToken).Read("""SELECT "MigrationId" FROM "__EFMigrationsHistory" """, row => row.Text(0));
        return !KnownMigrations.Ids.Except(known, StringComparer.Ordinal).Any();
    }

    private async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(options.SqliteConnectionString);
        await connection.OpenAsync(cancellationToken);
        await SqlitePragmas.SetAsync(connection, cancellationToken);
        return connection;
    }

    /// <summary>Reads without tracking.</summary>
    public async Task<T> ReadAsync<T>(Func<ManagerDbContext, CancellationToken, Task<T>> query, CancellationToken cancellationToken)
    {
        await using var db = await contexts.Value.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await query(db, cancellationToken);
    }

    /// <summary>Changes in one transaction; an outcome that is a fault changes nothing.</summary>
    /// <param name="work">Makes the change; what it tracks is saved after it.</param>
    /// <param name="committed">Brings memory up to date; runs after the commit and before the next writer.</param>
    /// <param name="cancellationToken">Honoured until the commit begins.</param>
    public async Task<Outcome<T>> WriteAsync<T>(
        Func<ManagerDbContext, CancellationToken, Task<Outcome<T>>> work, Action<T>? committed, CancellationToken cancellationToken)
        where T : notnull
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await using var db = await contexts.Value.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var outcome = await work(db, cancellationToken);
            if (outcome.Fault is not null)
                return outcome;
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(CancellationToken.None);
            committed?.Invoke(outcome.Value!);
            return outcome;
        }
        finally
        {
            _writer.Release();
        }
    }

    public void Dispose() => _writer.Dispose();
}
