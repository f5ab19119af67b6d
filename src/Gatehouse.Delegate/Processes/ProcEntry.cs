using System.Globalization;
using System.Text;

namespace Gatehouse.Delegate;

/// <summary>One process as <c>/proc</c> shows it: proc_pid_stat(5).</summary>
/// <param name="Pid">Its id.</param>
/// <param name="Parent">The parent's id.</param>
/// <param name="Session">The id of its session's leader.</param>
/// <param name="IsZombie">Dead and not yet collected.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot.</param>
/// <param name="Name">File name of its program, at most 15 characters.</param>
internal sealed record ProcEntry(int Pid, int Parent, int Session, bool IsZombie, long StartTicks, string Name)
{
    /// <summary>USER_HZ is 100 on every architecture .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>Everything that runs. What vanishes while it is looked at is left out.</summary>
    internal static List<ProcEntry> All()
    {
        var all = new List<ProcEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { } entry)
                all.Add(entry);
        }

        return all;
    }

    internal static ProcEntry? Read(int pid)
    {
        try
        {
            return Parse(pid, File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The name is in parentheses and may hold any character, parentheses included: the last one ends it.</summary>
    internal static ProcEntry? Parse(int pid, string stat)
    {
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 20
            || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            || !int.TryParse(fields[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var session)
            || !long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var start))
            return null;
        return new ProcEntry(pid, parent, session, fields[0] is "Z" or "X", start, stat[(open + 1)..close]);
    }

    /// <summary>Now, on the clock of <see cref="StartTicks"/>; rounded down.</summary>
    internal static long NowTicks()
    {
        var uptime = File.ReadAllText("/proc/uptime");
        return (long)(double.Parse(uptime.AsSpan(0, uptime.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture) * TicksPerSecond) - 1;
    }

    /// <summary>The value of a variable in the environment it was started with; null when it has none, or may not be looked at.</summary>
    internal string? Variable(string name)
    {
        try
        {
            var prefix = Encoding.UTF8.GetBytes(name + "=");
            ReadOnlySpan<byte> rest = File.ReadAllBytes($"/proc/{Pid}/environ");
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf((byte)0);
                var entry = end < 0 ? rest : rest[..end];
                if (entry.StartsWith(prefix))
                    return Encoding.UTF8.GetString(entry[prefix.Length..]);
                rest = end < 0 ? default : rest[(end + 1)..];
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Gone, or another user's.
        }

        return null;
    }
}
