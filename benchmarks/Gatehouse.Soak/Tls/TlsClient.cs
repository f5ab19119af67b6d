using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Soak.Tls;

/// <summary>
/// One TLS connection of a client, for one thread. Ciphertext passes through memory, so that a client can stop, cut or spoil it at any byte.
/// </summary>
internal sealed class TlsClient : IDisposable
{
    private readonly byte[] _wire = new byte[16 * 1024];
    private IntPtr _ssl;
    private readonly IntPtr _input, _output;
    private bool _ended;

    private TlsClient(Socket socket, IntPtr ssl)
    {
        (Socket, _ssl) = (socket, ssl);
        (_input, _output) = (Libssl.BIO_new(Libssl.BIO_s_mem()), Libssl.BIO_new(Libssl.BIO_s_mem()));
        Libssl.SSL_set_bio(ssl, _input, _output);
        Libssl.SSL_set_connect_state(ssl);
    }

    public Socket Socket { get; }

    /// <summary>Only after the handshake.</summary>
    public bool IsResumed => Libssl.SSL_session_reused(_ssl) == 1;

    /// <summary>Connects TCP and prepares the ClientHello; nothing of TLS is sent yet.</summary>
    /// <param name="profile">Version and certificate.</param>
    /// <param name="server">Where to.</param>
    /// <param name="serverName">SNI.</param>
    /// <param name="protocol">The one ALPN protocol offered.</param>
    /// <param name="session">To resume; null for a full handshake.</param>
    public static TlsClient Connect(TlsProfile profile, IPEndPoint server, string serverName, ReadOnlySpan<byte> protocol, TlsSession? session)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = 10_000 };
        try
        {
            socket.Connect(server);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var client = new TlsClient(socket, profile.NewSsl());
        Libssl.SSL_ctrl(client._ssl, Libssl.SetHostName, 0, serverName);
        Span<byte> offer = [(byte)protocol.Length, .. protocol];
        _ = Libssl.SSL_set_alpn_protos(client._ssl, offer, (uint)offer.Length);
        if (session is not null)
            _ = Libssl.SSL_set_session(client._ssl, session);
        return client;
    }

    /// <summary>One step of the handshake without reading from the network; what it wants to send stays in <see cref="TakeCiphertext"/>. True when it is done.</summary>
    public bool Step()
    {
        Libssl.ERR_clear_error();
        var result = Libssl.SSL_do_handshake(_ssl);
        if (result == 1)
            return true;
        if (Libssl.SSL_get_error(_ssl, result) is Libssl.ErrorWantRead or Libssl.ErrorWantWrite)
            return false;
        throw Ended("the handshake failed");
    }

    /// <summary>The ciphertext that waits to be sent.</summary>
    public byte[] TakeCiphertext()
    {
        var taken = new List<byte>();
        int read;
        while ((read = Libssl.BIO_read(_output, _wire, _wire.Length)) > 0)
            taken.AddRange(_wire.AsSpan(0, read));
        return [.. taken];
    }

    /// <summary>The whole handshake.</summary>
    public void Handshake(TimeSpan limit)
    {
        while (!Step())
        {
            Flush();
            Fill(limit, "during the handshake");
        }
        Flush();
    }

    /// <summary>Reads ciphertext from the network once.</summary>
    /// <exception cref="TlsEndedException">The server closed.</exception>
    public void Fill(TimeSpan limit, string when)
    {
        if (!Socket.Poll(limit, SelectMode.SelectRead))
            throw new TlsTimeoutException($"No answer within {limit.TotalSeconds:0} s {when}.");
        int read;
        try
        {
            read = Socket.Receive(_wire);
        }
        catch (SocketException e)
        {
            throw new TlsEndedException(e.SocketErrorCode.ToString(), null);
        }
        if (read == 0)
            throw new TlsEndedException("end of stream", null);
        _ = Libssl.BIO_write(_input, _wire.AsSpan(0, read), read);
    }

    public void Write(ReadOnlySpan<byte> plain)
    {
        Libssl.ERR_clear_error();
        if (Libssl.SSL_write(_ssl, plain, plain.Length) != plain.Length)
            throw Ended("it cannot be written to");
        Flush();
    }

    /// <summary>Plaintext from the server; 0 when none came within <paramref name="limit"/>.</summary>
    public int Read(Span<byte> buffer, TimeSpan limit)
    {
        while (true)
        {
            Libssl.ERR_clear_error();
            var read = Libssl.SSL_read(_ssl, buffer, buffer.Length);
            if (read > 0)
                return read;
            switch (Libssl.SSL_get_error(_ssl, read))
            {
                case Libssl.ErrorWantRead or Libssl.ErrorWantWrite:
                    Flush();
                    if (!Socket.Poll(limit, SelectMode.SelectRead))
                        return 0;
                    Fill(limit, "");
                    continue;
                case Libssl.ErrorZeroReturn:
                    throw new TlsEndedException("close_notify", null);
                default:
                    throw Ended("it cannot be read from");
            }
        }
    }

    /// <summary>The session as it is now, tickets that came with the last read included; null when there is none to resume.</summary>
    public TlsSession? TakeSession()
    {
        var session = Libssl.SSL_get1_session(_ssl);
        if (session != 0 && Libssl.SSL_SESSION_is_resumable(session) == 1)
            return new TlsSession(session);
        if (session != 0)
            Libssl.SSL_SESSION_free(session);
        return null;
    }

    /// <summary>The server's certificate as DER.</summary>
    public byte[] ServerCertificate() => Libssl.PeerCertificate(_ssl);

    /// <summary>Ends TLS in order.</summary>
    public void SayGoodbye()
    {
        _ = Libssl.SSL_shutdown(_ssl);
        try
        {
            Flush();
        }
        catch (TlsEndedException)
        {
            // The server went first.
        }
    }

    /// <summary>Sends what waits to be sent.</summary>
    public void Flush()
    {
        int read;
        while ((read = Libssl.BIO_read(_output, _wire, _wire.Length)) > 0)
            Send(_wire.AsSpan(0, read));
    }

    /// <summary>Sends bytes as they are.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[Socket.Send(bytes)..];
        }
        catch (SocketException e)
        {
            throw new TlsEndedException(e.SocketErrorCode.ToString(), null);
        }
    }

    private TlsEndedException Ended(string what)
    {
        var alert = Libssl.ReceivedAlert();
        _ended = true;
        return new TlsEndedException(alert is null ? what : $"{what}: alert {alert}", alert);
    }

    public void Dispose()
    {
        // SSL_free forgets a session unless the connection ended in order; sessions are shared, so it is always told that it did.
        var ssl = Interlocked.Exchange(ref _ssl, 0);
        if (ssl != 0)
        {
            if (!_ended)
                _ = Libssl.SSL_shutdown(ssl);
            Libssl.SSL_free(ssl);
        }
        Socket.Dispose();
    }
}
