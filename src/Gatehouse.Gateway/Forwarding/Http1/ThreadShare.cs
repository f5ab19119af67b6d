using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>
/// How much one message may use the thread that serves the sockets: a short one comes and goes there, one that is long must not keep the
/// others waiting, as sockets that are always ready would never give the thread back.
/// </summary>
internal struct ThreadShare(HttpContext context)
{
    private const int MaxBytes = 64 * 1024;
    private long _bytes;

    /// <summary>Counts bytes; true when the rest is to be done elsewhere.</summary>
    public bool IsUsedUp(long bytes) => (_bytes += bytes) > MaxBytes && !Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>Goes on elsewhere.</summary>
    public readonly async ValueTask LeaveAsync()
    {
        context.Features.Get<IAgentTransport>()?.LeaveThread();
        await Task.Yield();
    }
}
