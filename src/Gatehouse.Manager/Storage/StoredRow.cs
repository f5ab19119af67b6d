using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gatehouse.Manager.Storage;

/// <summary>The columns of a row as the model stores them (<see cref="ManagerDbContext"/>), by their place in the query.</summary>
internal sealed class StoredRow(DbDataReader reader)
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public string Text(int column) => reader.GetString(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>
    /// A text's bytes, good until the next row is read. SQLite's are read where SQLite has them: an array and a string for each of a hundred
    /// thousand bundles would be half of a start's work.
    /// </summary>
    public ReadOnlySpan<byte> Utf8(int column) =>
        reader is SqliteDataReader { Handle: { } row } ? raw.sqlite3_column_blob(row, column) : Encoding.UTF8.GetBytes(Text(column));

    public byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    public bool Flag(int column) => reader.GetBoolean(column);

    public long Number(int column) => reader.GetInt64(column);

    public long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Number(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    /// <exception cref="InvalidDataException">This version does not know the name. What it means cannot be guessed, so the start ends here.</exception>
    public T Name<T>(int column)
        where T : struct, Enum =>
        Enum.TryParse<T>(Text(column), out var value) && Enum.IsDefined(value)
            ? value
            : throw new InvalidDataException($"The database holds '{Text(column)}' where one of {string.Join(", ", Enum.GetNames<T>())} is expected. A newer version wrote it: start that one.");
}
