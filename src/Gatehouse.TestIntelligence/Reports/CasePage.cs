using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>
/// The cases of a page. Their texts take bounded memory together: once that is used up, each later text is replaced by a sentence that says so. No case is left out,
/// so pages follow each other without gaps; a smaller page gives the texts.
/// </summary>
internal sealed class CasePage
{
    public const string LeftOut = "(left out: the texts on this page are too long; ask for fewer cases at once)";

    private int _left = TiLimits.MaxPageText;

    private CasePage()
    {
    }

    /// <summary>Reads cases in the order of their numbers as given.</summary>
    public static List<TestCase> Read(SqliteConnection db, IReadOnlyList<long> cases)
    {
        var page = new CasePage();
        using var find = db.Statement($"""
            SELECT t.name, t.class, t.file, t.suite, c.status, c.duration_ms, {ReportReader.FlakyTest}, c.message, c.type, c.description, c.stdout, c.stderr,
                EXISTS (SELECT 1 FROM quarantine q WHERE q.repository = t.repository AND q.class = t.class AND q.name = t.name AND q.is_in = 1)
            FROM test_case c JOIN test t ON t.id = c.test WHERE c.id = ?1
            """, 0L);
        var content = new List<TestCase>(cases.Count);
        foreach (var id in cases)
        {
            find.Parameters[0].Value = id;
            using var row = find.ExecuteReader();
            if (row.Read())
                content.Add(page.Case(row));
        }
        return content;
    }

    private TestCase Case(SqliteDataReader row) => new()
    {
        Name = row.GetString(0),
        ClassName = row.GetString(1),
        FileName = row.GetString(2),
        SuiteName = row.GetString(3),
        DurationMs = row.GetInt64(5),
        Flaky = row.GetBoolean(6),
        Quarantine = row.GetBoolean(12),
        Problematic = row.GetBoolean(6) || row.GetBoolean(12),
        Result = new TestResult { Status = row.GetString(4), Message = Text(row, 7), Type = Text(row, 8), Desc = Text(row, 9) },
        Stdout = Text(row, 10),
        Stderr = Text(row, 11),
    };

    private string Text(SqliteDataReader row, int column)
    {
        if (row.IsDBNull(column))
            return "";
        if (_left <= 0)
            return LeftOut;
        var text = row.GetString(column);
        _left -= text.Length * sizeof(char);
        return text;
    }
}
