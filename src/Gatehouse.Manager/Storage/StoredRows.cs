using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Endpoints;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// Reads the tables that may have a hundred thousand rows at start, one row at a time and by plain SQL: a third of the time that the model's
/// queries take, and nothing is kept of a row that was passed on. The SQL is both databases'. SQLite's values are read where SQLite has them:
/// an array and a string for each would be half of the start's work.
/// </summary>
internal static class StoredRows
{
    /// <summary>All accounts.</summary>
    public static async IAsyncEnumerable<AccountEntry> AccountsAsync(ManagerDbContext db, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(db, """SELECT "Id", "Name", "CreatedAt" FROM "accounts" """, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return Account(reader);
    }

    /// <summary>All endpoints, without what they revoked.</summary>
    /// <param name="db">Where they are stored.</param>
    /// <param name="accounts">Gives the ids: one string of each, not two, at a hundred thousand.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<EndpointTrust> EndpointsAsync(ManagerDbContext db, AccountRegistry accounts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(
            db, """SELECT "AccountId", "Generation", "Fqdn", "VanityHost", "Mode", "CaCertificates" FROM "endpoints" """, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bundles = new BundleMemory();
        while (await reader.ReadAsync(cancellationToken))
            yield return Endpoint(reader, accounts, bundles);
    }

    private static AccountEntry Account(DbDataReader reader)
    {
        var id = reader.GetString(0);
        var isNamed = !Utf8(reader, 1).SequenceEqual(Utf8(reader, 0));
        return new AccountEntry(id, isNamed ? reader.GetString(1) : id, DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)));
    }

    private static EndpointTrust Endpoint(DbDataReader reader, AccountRegistry accounts, BundleMemory bundles) => new(
        accounts.IdOf(Utf8(reader, 0)), reader.GetInt64(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3),
        Utf8(reader, 4).SequenceEqual("LOOSE"u8) ? MtlsMode.LOOSE : MtlsMode.STRICT, bundles.Read(Utf8(reader, 5)));

    /// <summary>A text column's bytes, good until the next row is read.</summary>
    private static ReadOnlySpan<byte> Utf8(DbDataReader reader, int column) =>
        reader is SqliteDataReader { Handle: { } row } ? raw.sqlite3_column_blob(row, column) : Encoding.UTF8.GetBytes(reader.GetString(column));

    private static async Task<DbCommand> CommandAsync(ManagerDbContext db, string sql, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
