using System.Data.Common;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// Reads what is stored at start, by plain SQL and one row at a time: the model's first query alone takes a third of a second, its later ones three
/// times as long, and nothing is kept of a row that was passed on. The SQL is both databases'.
/// </summary>
internal sealed class StoredRows(DbConnection connection, CancellationToken cancellationToken)
{
    /// <summary>All rows of a query.</summary>
    /// <param name="sql">A constant; it has no parameters.</param>
    /// <param name="row">Makes something of a row, which is good until it returns.</param>
    public IEnumerable<T> Read<T>(string sql, Func<StoredRow, T> row)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the callers.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var current = new StoredRow(reader);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row(current);
        }
    }
}
