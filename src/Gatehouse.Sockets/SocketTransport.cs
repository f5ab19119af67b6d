using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Sockets;

/// <summary>
/// Sockets of one listener without a hop to another thread between the kernel's event, TLS, the request and the upstream (docs/adr/0019). Whatever
/// may block leaves that thread by itself. Linux only.
/// </summary>
/// <param name="endPoint">The listener's; the very object, as two listeners may both ask for "any port".</param>
/// <param name="pools">Where the HTTP server's memory comes from.</param>
/// <param name="time">For waiting.</param>
public sealed class SocketTransport(EndPoint endPoint, IMemoryPoolFactory<byte> pools, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => ReferenceEquals(endPoint, endpoint);

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new SocketListener(endpoint, pools.Create(), time));
}
