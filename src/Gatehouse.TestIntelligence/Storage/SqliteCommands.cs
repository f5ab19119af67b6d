using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Statements with positional parameters (<c>?1</c>, <c>?2</c>, …); null becomes NULL.</summary>
internal static class SqliteCommands
{
    /// <summary>A statement to be run more than once; its transaction is the connection's.</summary>
    public static SqliteCommand Statement(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        Bind(command, values);
        return command;
    }

    /// <summary>Runs once; the number of rows it changed.</summary>
    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Statement(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs once for one number; 0 when there is none.</summary>
    public static long Scalar(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Statement(sql, values);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    /// <summary>Runs once for one number; null when there is no row.</summary>
    public static long? Find(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Statement(sql, values);
        return command.ExecuteScalar() as long?;
    }

    /// <summary>Runs once and reads every row.</summary>
    public static List<T> Rows<T>(this SqliteConnection connection, Func<SqliteDataReader, T> read, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Statement(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>Runs a prepared statement with other values; the number of rows it changed.</summary>
    public static int RunWith(this SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs a prepared statement with other values for one number; null when there is no row.</summary>
    public static long? FindWith(this SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        return command.ExecuteScalar() as long?;
    }

    private static void Bind(SqliteCommand command, ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (command.Parameters.Count <= i)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"?{i + 1}" });
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
