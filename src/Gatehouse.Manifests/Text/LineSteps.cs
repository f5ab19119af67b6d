namespace Gatehouse.Manifests.Text;

/// <summary>One line on the way from one text to another.</summary>
/// <param name="Kind">' ' in both, '-' only before, '+' only after.</param>
/// <param name="Line">With its line end.</param>
/// <param name="Old">Lines of the text before that come before it.</param>
/// <param name="New">Lines of the text after that come before it.</param>
internal sealed record LineStep(char Kind, string Line, int Old, int New);

/// <summary>The shortest way from one text's lines to another's. Myers, An O(ND) Difference Algorithm, 1986: quick where little differs, as here.</summary>
internal static class LineSteps
{
    public static List<LineStep> Between(List<string> old, List<string> now)
    {
        var furthest = new Dictionary<int, int> { [1] = 0 };
        var trace = new List<Dictionary<int, int>>();
        for (var distance = 0; ; distance++)
        {
            trace.Add(new Dictionary<int, int>(furthest));
            for (var diagonal = -distance; diagonal <= distance; diagonal += 2)
            {
                var x = IsDown(furthest, diagonal, distance) ? furthest[diagonal + 1] : furthest[diagonal - 1] + 1;
                while (x < old.Count && x - diagonal < now.Count && old[x] == now[x - diagonal])
                {
                    x++;
                }

                furthest[diagonal] = x;
                if (x >= old.Count && x - diagonal >= now.Count)
                {
                    return Back(trace, old, now);
                }
            }
        }
    }

    private static bool IsDown(Dictionary<int, int> furthest, int diagonal, int distance) =>
        diagonal == -distance || (diagonal != distance && furthest[diagonal - 1] < furthest[diagonal + 1]);

    private static List<LineStep> Back(List<Dictionary<int, int>> trace, List<string> old, List<string> now)
    {
        var steps = new List<LineStep>();
        var (x, y) = (old.Count, now.Count);
        for (var distance = trace.Count - 1; distance >= 0; distance--)
        {
            var diagonal = x - y;
            var down = IsDown(trace[distance], diagonal, distance);
            var fromX = trace[distance][down ? diagonal + 1 : diagonal - 1];
            var fromY = fromX - (down ? diagonal + 1 : diagonal - 1);
            while (x > fromX && y > fromY)
            {
                steps.Add(new LineStep(' ', old[--x], x, --y));
            }

            if (distance > 0)
            {
                steps.Add(down ? new LineStep('+', now[--y], x, y) : new LineStep('-', old[--x], x, y));
            }
        }

        steps.Reverse();
        return steps;
    }
}
