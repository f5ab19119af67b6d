using System.Globalization;
using System.Text;

namespace Gatehouse.Manifests.Text;

/// <summary>The difference of two texts as <c>diff -u</c> writes it and <c>patch</c> takes it.</summary>
public static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>The difference; empty when there is none.</summary>
    /// <param name="name">The file's name in the header.</param>
    /// <param name="before">The text as it was.</param>
    /// <param name="after">The text as it is to be.</param>
    public static string Of(string name, string before, string after)
    {
        var old = Lines(before);
        var now = Lines(after);
        var steps = LineSteps.Between(old, now);
        if (steps.TrueForAll(step => step.Kind == ' '))
        {
            return "";
        }

        var text = new StringBuilder($"--- {name}\n+++ {name}\n");
        for (var at = 0; at < steps.Count;)
        {
            var first = steps.FindIndex(at, step => step.Kind != ' ');
            if (first < 0)
            {
                break;
            }

            // A hunk goes on while changes are closer than twice the context.
            var last = first;
            for (int next; (next = steps.FindIndex(last + 1, step => step.Kind != ' ')) >= 0 && next - last <= 2 * Context;)
            {
                last = next;
            }

            var from = Math.Max(at, first - Context);
            at = Math.Min(steps.Count, last + Context + 1);
            Hunk(text, steps[from..at]);
        }

        return text.ToString();
    }

    private static void Hunk(StringBuilder text, List<LineStep> steps)
    {
        text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(steps, '+', step => step.Old)} +{Range(steps, '-', step => step.New)} @@\n");
        foreach (var (kind, line, _, _) in steps)
        {
            text.Append(kind).Append(line).Append(line.EndsWith('\n') ? "" : "\n\\ No newline at end of file\n");
        }
    }

    private static string Range(List<LineStep> steps, char without, Func<LineStep, int> number)
    {
        var count = steps.Count(step => step.Kind != without);
        var start = number(steps[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{(count == 0 ? start : start + 1)},{count}");
    }

    /// <summary>With their line ends, so that a CR shows.</summary>
    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[at..end]);
            at = end;
        }

        return lines;
    }
}
