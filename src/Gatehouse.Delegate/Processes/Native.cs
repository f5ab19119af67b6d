using System.Runtime.InteropServices;

namespace Gatehouse.Delegate;

/// <summary>The few calls of Linux that the platform does not offer.</summary>
internal static partial class Native
{
    internal const int SigKill = 9;
    internal const int SigTerm = 15;
    private const int WNoHang = 1;
    private const int PrSetDumpable = 4;
    private const int PrSetChildSubreaper = 36;

    /// <summary>Orphaned grandchildren become our children instead of init's: prctl(2). It is what keeps a double fork in sight.</summary>
    internal static bool BecomeSubreaper() => prctl(PrSetChildSubreaper, 1, 0, 0, 0) == 0;

    /// <summary>Closes <c>/proc/self/environ</c> and <c>/proc/self/mem</c>, where the token is, to other processes of the same user: the tasks.</summary>
    internal static bool HideMemoryFromTasks() => prctl(PrSetDumpable, 0, 0, 0, 0) == 0;

    /// <summary>Sends a signal; false when the process is gone or not ours.</summary>
    internal static bool Signal(int pid, int signal) => kill(pid, signal) == 0;

    /// <summary>Collects a dead child.</summary>
    internal static void Reap(int pid) => _ = waitpid(pid, IntPtr.Zero, WNoHang);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int waitpid(int pid, IntPtr status, int options);
}
