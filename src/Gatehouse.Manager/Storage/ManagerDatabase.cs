using Gatehouse.Manager.Protocol;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// The way to the database. Writers go one at a time: SQLite has one writer anyway, the audit chain needs one order, and what
/// is kept in memory can so follow commits in their order.
/// </summary>
internal sealed class ManagerDatabase(IDbContextFactory<ManagerDbContext> contexts, ManagerOptions options) : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1, 1);

    /// <summary>Makes or upgrades the database. Runs before anything listens.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        PrivateFiles.EnsureFolder(options.DataDirectory);
        if (options.ConnectionString is null)
            PrivateFiles.EnsureFile(options.DatabaseFile); // SQLite gives its -wal and -shm files the mode of this one.
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (db.Database.IsSqlite())
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;", cancellationToken);
        // Migrating, and asking whether there is something to migrate, compare models even when there is not: up to half of a second of every start.
        if (!await HasAllMigrationsAsync(db, cancellationToken))
            await db.Database.MigrateAsync(cancellationToken);
    }

    private static async Task<bool> HasAllMigrationsAsync(ManagerDbContext db, CancellationToken cancellationToken)
    {
        if (!db.Database.IsSqlite())
            return !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
        var missing = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsHistory'";
        if (await command.ExecuteScalarAsync(cancellationToken) is not 1L)
            return false;
        command.CommandText = """SELECT "MigrationId" FROM "__EFMigrationsHistory" """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            missing.Remove(reader.GetString(0));
        return missing.Count == 0;
    }

    /// <summary>Reads without tracking.</summary>
    public async Task<T> ReadAsync<T>(Func<ManagerDbContext, CancellationToken, Task<T>> query, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
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
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
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
