using System.Globalization;

namespace Gatehouse.Load;

/// <summary>How busy one core has been, with whatever; the part that is not the server's tells how noisy a cell was.</summary>
internal static class CoreClock
{
    /// <summary>Busy microseconds of a core since boot: user, nice, system, irq, softirq and steal of <c>/proc/stat</c>.</summary>
    public static double BusyMicroseconds(int core)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"cpu{core} ");
        var fields = File.ReadLines("/proc/stat").First(line => line.StartsWith(prefix, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) * 10_000.0;
    }
}
