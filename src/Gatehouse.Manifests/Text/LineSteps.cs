namespace Gatehouse.Manifests.Text;

/// <summary>One line on the way from one text to another.</summary>
/// <param name="Kind">' ' in both, '-' only before, '+' only after.</param>
/// <param name="Line">With its line end.</param>
/// <param name="Old">Lines of the text before that come before it.</param>
/// <param name="New">Lines of the text after that come before it.</param>
internal sealed record LineStep(char Kind, string Line, int Old, int New);

/// <summary>
/// The way from one text's lines to another's. Where they differ, the place is looked for from which on they agree again, and between is the shortest way:
/// Myers, An O(ND) Difference Algorithm, 1986, whose memory grows with the square of the differences and so is given little at a time.
/// </summary>
internal static class LineSteps
{
    /// <summary>So many equal lines in a row end a place of differences.</summary>
    private const int Agreement = 3;

    /// <summary>The lines, of both texts together, of the largest place that a shortest way is looked for in.</summary>
    private const int MaxPlace = 1000;

    public static List<LineStep> Between(List<string> old, List<string> now)
    {
        var steps = new List<LineStep>();
        var (x, y) = (0, 0);
        while (x < old.Count || y < now.Count)
        {
            if (x < old.Count && y < now.Count && old[x] == now[y])
            {
                steps.Add(new LineStep(' ', old[x], x++, y++));
                continue;
            }

            var (fewer, more) = Place(old, x, now, y);
            var (fromX, fromY) = (x, y);
            steps.AddRange(fewer + more <= MaxPlace
                ? Shortest(old.GetRange(x, fewer), now.GetRange(y, more)).Select(step => step with { Old = step.Old + fromX, New = step.New + fromY })
                : Replaced(old, x, fewer, now, y, more));
            x += fewer;
            y += more;
        }

        return steps;
    }

    /// <summary>How many lines of each differ from here on; all that are left when they agree nowhere near.</summary>
    private static (int Old, int New) Place(List<string> old, int x, List<string> now, int y)
    {
        for (var distance = 1; distance <= MaxPlace; distance++)
        {
            for (var fewer = 0; fewer <= distance; fewer++)
            {
                if (Agree(old, x + fewer, now, y + distance - fewer))
                {
                    return (fewer, distance - fewer);
                }
            }
        }

        return (old.Count - x, now.Count - y);
    }

    private static bool Agree(List<string> old, int x, List<string> now, int y)
    {
        if (x > old.Count || y > now.Count || old.Count - x < Agreement != now.Count - y < Agreement)
        {
            return false;
        }

        var lines = Math.Min(Agreement, old.Count - x);
        if (lines < Agreement && old.Count - x != now.Count - y)
        {
            return false;
        }

        for (var i = 0; i < lines; i++)
        {
            if (old[x + i] != now[y + i])
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<LineStep> Replaced(List<string> old, int x, int fewer, List<string> now, int y, int more) =>
        Enumerable.Range(x, fewer).Select(i => new LineStep('-', old[i], i, y)).Concat(Enumerable.Range(y, more).Select(i => new LineStep('+', now[i], x + fewer, i)));

    private static List<LineStep> Shortest(List<string> old, List<string> now)
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
