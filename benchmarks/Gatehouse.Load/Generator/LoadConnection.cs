using System.Net.Sockets;

namespace Gatehouse.Load;

/// <summary>
/// One TLS connection of an OpenSSL client, for one thread that waits for it: libssl works on the socket itself, so that little of the
/// generator's time is its own. As every OpenSSL client it asks for session tickets; a session is offered only when one is given.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private const int PatienceMilliseconds = 30_000;
    private readonly Socket _socket;
    private readonly LoadTarget _target;
    private IntPtr _ssl;
    private bool _isEnded;

    private LoadConnection(Socket socket, IntPtr ssl, LoadTarget target) => (_socket, _ssl, _target) = (socket, ssl, target);

    /// <summary>True when the server took the session that was offered.</summary>
    public bool IsResumed => Libssl.SSL_session_reused(_ssl) == 1;

    /// <summary>Connects, shakes hands and checks the server's certificate and the version.</summary>
    /// <param name="target">Which server.</param>
    /// <param name="serverName">SNI.</param>
    /// <param name="profile">The client's certificate, if any.</param>
    /// <param name="session">To resume; null for a full handshake.</param>
    /// <param name="protocol">The one ALPN protocol offered; none when empty.</param>
    /// <exception cref="BenchFailedException">It was not the handshake that is to be measured.</exception>
    public static LoadConnection Open(LoadTarget target, string serverName, TlsProfile profile, TlsSession? session, ReadOnlySpan<byte> protocol = default)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        LoadConnection? connection = null;
        try
        {
            // By these libssl's own reads and writes end too.
            (socket.ReceiveTimeout, socket.SendTimeout) = (PatienceMilliseconds, PatienceMilliseconds);
            socket.Connect(target.Address);
            connection = new LoadConnection(socket, profile.NewSsl(), target);
            connection.Handshake(serverName, session, protocol);
            return connection;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            socket.Dispose();
            throw e is SocketException ? new BenchFailedException($"{target.Name} ({target.Address}) cannot be reached: {e.Message}", e) : e;
        }
    }

    public void Write(ReadOnlySpan<byte> plain)
    {
        Libssl.ERR_clear_error();
        if (Libssl.SSL_write(_ssl, plain, plain.Length) != plain.Length)
            throw Failed("took no request");
    }

    /// <summary>Plaintext of the server; 0 when it has closed.</summary>
    public int Read(Span<byte> buffer)
    {
        Libssl.ERR_clear_error();
        var read = Libssl.SSL_read(_ssl, buffer, buffer.Length);
        if (read > 0)
            return read;
        var error = Libssl.SSL_get_error(_ssl, read);
        // Some servers end TCP without ending TLS first.
        if (error == Libssl.ErrorZeroReturn || (error == Libssl.ErrorSsl && Libssl.IsUnexpectedEnd()))
            return 0;
        throw Failed("gave no answer");
    }

    /// <summary>The session to come back with, tickets that came with the last read included; null when the server gave none.</summary>
    public TlsSession? TakeSession()
    {
        var session = Libssl.SSL_get1_session(_ssl);
        if (session != 0 && Libssl.SSL_SESSION_is_resumable(session) == 1)
            return new TlsSession(session);
        if (session != 0)
            Libssl.SSL_SESSION_free(session);
        return null;
    }

    public void Dispose()
    {
        var ssl = Interlocked.Exchange(ref _ssl, 0);
        if (ssl == 0)
            return;
        // SSL_free spoils the session unless the connection ended in order, and it may be wanted yet.
        Libssl.SSL_set_shutdown(ssl, Libssl.ShutDownBothWays);
        Libssl.SSL_free(ssl);
        _socket.Dispose();
    }

    /// <summary>Says goodbye as a client does that closes first.</summary>
    public void Close()
    {
        if (!_isEnded)
            _ = Libssl.SSL_shutdown(_ssl);
        Dispose();
    }

    private void Handshake(string serverName, TlsSession? session, ReadOnlySpan<byte> protocol)
    {
        Libssl.ERR_clear_error();
        _ = Libssl.SSL_set_fd(_ssl, (int)_socket.Handle);
        Libssl.SSL_set_connect_state(_ssl);
        Libssl.SSL_ctrl(_ssl, Libssl.SetHostName, 0, serverName);
        if (protocol.Length > 0)
        {
            Span<byte> offer = [(byte)protocol.Length, .. protocol];
            _ = Libssl.SSL_set_alpn_protos(_ssl, offer, (uint)offer.Length);
        }
        if (session is not null)
            _ = Libssl.SSL_set_session(_ssl, session);
        if (Libssl.SSL_do_handshake(_ssl) != 1)
            throw Failed("did not let the generator in");
        if (Libssl.SSL_version(_ssl) != _target.Tls)
            throw new BenchFailedException($"{_target.Name} chose TLS version {Libssl.SSL_version(_ssl):X4} instead of {_target.Tls:X4}.");
        if (!Libssl.PeerCertificate(_ssl).AsSpan().SequenceEqual(_target.Certificates.ServerDer))
            throw new BenchFailedException($"{_target.Name} has another certificate than the run's.");
        if (session is null && IsResumed)
            throw new BenchFailedException($"{_target.Name} resumed a session that was not offered.");
    }

    private BenchFailedException Failed(string what)
    {
        _isEnded = true;
        var alert = Libssl.ReceivedAlert() is { } number ? $": alert {number}" : "";
        return new BenchFailedException($"{_target.Name} ({_target.Address}, {LoadTarget.NameOf(_target.Tls)}) {what}{alert}.");
    }
}
