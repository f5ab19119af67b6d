using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Gatehouse.Sockets;

/// <summary>The functions of Linux's C library that the loop calls, and nothing else of it. Constants are the kernel's, the same on x86-64 and arm64.</summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    public const int Interrupted = 4, TryAgain = 11, ConnectionAborted = 103;
    public const uint EventIn = 0x1, EventPriority = 0x2, EventOut = 0x4, EventError = 0x8, EventHangUp = 0x10, EventPeerHangUp = 0x2000, EventEdge = 1u << 31;
    public const int ControlAdd = 1;
    public const int CloseOnExec = 0x80000, NonBlocking = 0x800;
    public const int ShutdownWrite = 1;
    public const int NoSignal = 0x4000, Peek = 0x2, More = 0x8000;

    /// <summary>Room for an address of either family.</summary>
    public const int AddressBytes = 28;

    [LibraryImport(Library, SetLastError = true)] public static partial int epoll_create1(int flags);
    [LibraryImport(Library, SetLastError = true)] public static partial int epoll_ctl(int epoll, int operation, SafeHandle socket, void* @event);
    [LibraryImport(Library, SetLastError = true)] public static partial int epoll_wait(int epoll, void* events, int count, int timeoutMilliseconds);
    [LibraryImport(Library, SetLastError = true)] public static partial int accept4(SafeHandle socket, byte* address, uint* addressLength, int flags);
    [LibraryImport(Library, SetLastError = true)] public static partial int getsockname(SafeHandle socket, byte* address, uint* addressLength);
    [LibraryImport(Library, SetLastError = true)] public static partial nint recv(SafeHandle socket, byte* buffer, nuint length, int flags);
    [LibraryImport(Library, SetLastError = true)] public static partial nint send(SafeHandle socket, byte* buffer, nuint length, int flags);
    [LibraryImport(Library, SetLastError = true)] public static partial int connect(SafeHandle socket, byte* address, uint addressLength);
    [LibraryImport(Library, SetLastError = true)] public static partial int shutdown(SafeHandle socket, int how);
    [LibraryImport(Library, SetLastError = true)] public static partial int close(int descriptor);

    /// <summary>What the last call failed with.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>An exception that says what the last call failed with.</summary>
    public static IOException Failure(string call) => new($"{call}: {Marshal.GetPInvokeErrorMessage(Error)}");
}
