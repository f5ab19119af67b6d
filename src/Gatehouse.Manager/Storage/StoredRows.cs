using System.Data.Common;
using System.Runtime.CompilerServices;
using Gatehouse.Contracts;
using Gatehouse.Manager.Endpoints;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// Reads the tables that may have a hundred thousand rows at start, one row at a time and by plain SQL: a third of the time that the model's
/// queries take, and nothing is kept of a row that was passed on. The SQL is both databases'.
/// </summary>
internal static class StoredRows
{
    /// <summary>All accounts.</summary>
    public static async IAsyncEnumerable<AccountRow> AccountsAsync(ManagerDbContext db, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(db, """SELECT "Id", "Name", "CreatedAt" FROM "accounts" """, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return new AccountRow { Id = reader.GetString(0), Name = reader.GetString(1), CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)) };
    }

    /// <summary>All endpoints.</summary>
    public static async IAsyncEnumerable<EndpointTrust> EndpointsAsync(ManagerDbContext db, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = await CommandAsync(
            db, """SELECT "AccountId", "Generation", "Fqdn", "VanityHost", "Mode", "CaCertificates" FROM "endpoints" """, cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bundles = new BundleMemory();
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new EndpointTrust(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetString(4) == nameof(MtlsMode.LOOSE) ? MtlsMode.LOOSE : MtlsMode.STRICT, bundles.Read(reader.GetFieldValue<byte[]>(5)));
        }
    }

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
