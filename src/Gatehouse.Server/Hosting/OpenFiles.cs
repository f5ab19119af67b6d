using System.Globalization;

namespace Gatehouse.Server.Hosting;

/// <summary>How many connections the process's limit of open files leaves room for.</summary>
internal static class OpenFiles
{
    /// <summary>At most this many: more are not measured.</summary>
    public const int MostConnections = 1_000_000;

    /// <summary>Kept for the operator's listener, the database, files that are read again, and assemblies that are loaded later (some 150): a sixteenth, within these bounds.</summary>
    private const int LeastReserve = 256, MostReserve = 1024;

    /// <summary>Fewer connections than this are no service; then accepting fails as it must.</summary>
    private const int FewestConnections = 16;

    /// <summary>
    /// Connections for the agent listener: the limit without what is open now and without a reserve; half of it when each connection may need
    /// another one to a service elsewhere. Only Linux tells; elsewhere there is no bound of ours (0).
    /// </summary>
    public static int RoomForConnections(bool servicesElsewhere)
    {
        try
        {
            return OperatingSystem.IsLinux() ? RoomFor(SoftLimit(File.ReadLines("/proc/self/limits")), Directory.GetFileSystemEntries("/proc/self/fd").Length, servicesElsewhere) : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // No /proc: nothing to go by.
        }
    }

    /// <inheritdoc cref="RoomForConnections"/>
    internal static int RoomFor(long? limit, int openNow, bool servicesElsewhere)
    {
        if (limit is not { } files)
            return 0;
        var room = files - openNow - Math.Clamp(files / 16, LeastReserve, MostReserve);
        return (int)Math.Clamp(servicesElsewhere ? room / 2 : room, FewestConnections, MostConnections);
    }

    /// <summary>The soft limit; the runtime has raised it to the hard one when it started. Null: unlimited, or not told.</summary>
    internal static long? SoftLimit(IEnumerable<string> limits)
    {
        const string Name = "Max open files";
        var line = limits.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        var first = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
