using Spectre.Console;

namespace Gatehouse.Cli.Output;

/// <summary>
/// Tables and lists for people. On a terminal they wrap at its width; in a pipe every row is one line, without colour, so that grep and cut work.
/// All text is made safe here: callers pass what the server sent.
/// </summary>
internal sealed class Sheet(Terminal terminal)
{
    /// <summary>Columns in a pipe: more than any row needs.</summary>
    private const int Unlimited = 8192;

    public void Line(string text = "") => terminal.Out.WriteLine(Safe.Line(text));

    /// <summary>A table with one header line.</summary>
    public void Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string?>> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))).PadLeft(0).PadRight(2));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(string.IsNullOrEmpty(cell) ? Words.Nothing : Safe.Line(cell))));
        }

        Write(table);
    }

    /// <summary>Names and values, one a line; those without a value are left out.</summary>
    public void Facts(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2));
        grid.AddColumn(new GridColumn().PadLeft(0).PadRight(0));
        var any = false;
        foreach (var (name, value) in facts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                grid.AddRow(new Text(name), new Text(Safe.Text(value)));
                any = true;
            }
        }

        if (any)
        {
            Write(grid);
        }
    }

    private void Write(Spectre.Console.Rendering.IRenderable what)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal.IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = terminal.IsInteractive ? terminal.Width : Unlimited;
        console.Write(what);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            terminal.Out.WriteLine(line.TrimEnd());
        }
    }
}
