using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gatehouse.Server.Hosting;

/// <summary>
/// A listening socket that survives the limit of open files. Kestrel's own tries again at once when the system cannot give it a descriptor; on
/// the thread that learns of the sockets' events that loop never ends, because the events that would free descriptors wait behind it.
/// This one waits in between, elsewhere.
/// </summary>
internal sealed class PatientListener : IConnectionListener
{
    /// <summary>Connections that the system completes before they are accepted; Kestrel's own default.</summary>
    private const int Backlog = 512;

    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(50);
    private readonly Socket _socket;
    private readonly Func<CancellationToken, ValueTask<Socket>> _accept;
    private readonly SocketConnectionContextFactory _connections;
    private readonly TimeProvider _time;

    /// <summary>Binds and listens.</summary>
    /// <param name="endPoint">Where; port 0 takes any.</param>
    /// <param name="options">Of the connections.</param>
    /// <param name="loggers">Of the connections.</param>
    /// <param name="time">For waiting.</param>
    /// <param name="accept">Stands in for the socket's own accepting in tests: no test can take a process's descriptors away without ending it.</param>
    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public PatientListener(EndPoint endPoint, SocketConnectionFactoryOptions options, ILoggerFactory loggers, TimeProvider time, Func<CancellationToken, ValueTask<Socket>>? accept = null)
    {
        _time = time;
        _connections = new SocketConnectionContextFactory(options, loggers.CreateLogger<PatientListener>());
        try
        {
            _socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            _socket.Listen(Backlog);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            _socket?.Dispose();
            throw new AddressInUseException(e.Message, e);
        }
        _accept = accept ?? _socket.AcceptAsync;
        EndPoint = _socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var accepted = await _accept(cancellationToken);
                accepted.NoDelay = true;
                return _connections.Create(accepted);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null; // Unbound.
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                await Task.Delay(s_wait, _time, cancellationToken);
            }
            catch (SocketException)
            {
                // The client was gone before it was accepted.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _connections.Dispose();
        return ValueTask.CompletedTask;
    }
}
