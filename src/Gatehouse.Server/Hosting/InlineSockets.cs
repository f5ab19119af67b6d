using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gatehouse.Server.Hosting;

/// <summary>
/// Sockets of the agent listener without a hop to another thread between the kernel's event, TLS, the request and the upstream: a third of
/// a handshake's cost (docs/design/tls.md, Threads). Whatever may block leaves that thread by itself, as do HTTP/2 and this process's own roles.
/// The operator's listener keeps the usual way.
/// </summary>
internal sealed class InlineSockets(IPEndPoint agents, ILoggerFactory loggers, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Lets the runtime finish socket operations on the threads that learn of them. It asks once, at the first socket; the operator's own setting wins.</summary>
    public static void SwitchOn()
    {
        if (Environment.GetEnvironmentVariable(Switch) is null)
            Environment.SetEnvironmentVariable(Switch, "1");
    }

    // The very object: two listeners may both ask for "any port".
    public bool CanBind(EndPoint endpoint) => ReferenceEquals(agents, endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new PatientListener(endpoint, new SocketConnectionFactoryOptions { UnsafePreferInlineScheduling = true }, loggers, time));
}
