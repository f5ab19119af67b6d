using System.Runtime.InteropServices;

namespace Gatehouse.Sockets;

/// <summary>What a <see cref="SocketLoop"/> serves.</summary>
internal interface IEpollTarget
{
    /// <summary>The socket, non-blocking.</summary>
    SafeHandle Handle { get; }

    /// <summary>The loop's own.</summary>
    ulong PlaceInLoop { get; set; }

    /// <summary>The kernel's events, on the loop's thread: nothing here may block.</summary>
    void OnEvents(uint events);
}
