using System.Globalization;

namespace Gatehouse.Load;

/// <summary>CPU time and memory of a process and all that descends from it, as the kernel counts them (proc(5)).</summary>
internal static class ProcessTree
{
    /// <summary>Clock ticks a second of the times in <c>/proc</c>: 100 on every Linux that .NET runs on (USER_HZ).</summary>
    private const double TicksPerSecond = 100;

    /// <summary>utime + stime in microseconds, in steps of one tick (10 ms): a cell of seconds makes that small.</summary>
    /// <exception cref="BenchFailedException">The process is gone.</exception>
    public static double CpuMicroseconds(int pid)
    {
        var ticks = 0L;
        foreach (var member in Members(pid))
        {
            var fields = StatOf(member) ?? throw new BenchFailedException($"Process {member} ended while it was measured.");
            // Fields 14 and 15, counted from 1; the array begins at field 3.
            ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        return ticks / TicksPerSecond * 1_000_000;
    }

    /// <summary>VmRSS in KiB, summed: memory that processes of one tree share is counted once for each.</summary>
    public static long ResidentKiB(int pid) => Members(pid).Sum(member =>
        File.ReadLines($"/proc/{member}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
            .SingleOrDefault());

    private static List<int> Members(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && StatOf(pid) is { } fields)
                parents[pid] = int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        if (!parents.ContainsKey(root))
            throw new BenchFailedException($"Process {root} ended while it was measured.");
        var members = new List<int> { root };
        for (var i = 0; i < members.Count; i++)
            members.AddRange(parents.Where(p => p.Value == members[i]).Select(p => p.Key));
        return members;
    }

    // The fields after the name, which stands in parentheses and may hold anything.
    private static string[]? StatOf(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
