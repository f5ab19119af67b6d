using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gatehouse.Testing;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>A server on libssl that believes every certificate, of up to 4 MB; over TLS 1.2 it asks for none. Blocking: one thread a connection.</summary>
internal sealed unsafe partial class CarelessTls
{
    private const string Ssl = "libssl.so.3";
    private const int SetMaxCertList = 51, FileTypePem = 1, VerifyNone = 0, VerifyPeer = 1, BothWays = 3;
    private const ulong NoTicket = 1UL << 14;
    private readonly nint _context;

    public CarelessTls(OpenSsl.Pair certificate)
    {
        _context = SSL_CTX_new(TLS_server_method());
        Assert.Equal(1, SSL_CTX_use_certificate_chain_file(_context, certificate.Certificate));
        Assert.Equal(1, SSL_CTX_use_PrivateKey_file(_context, certificate.Key, FileTypePem));
        _ = SSL_CTX_ctrl(_context, SetMaxCertList, 4 * 1024 * 1024, 0);
        // Sessions are kept here: a ticket has no room for a certificate of a megabyte.
        _ = SSL_CTX_set_options(_context, NoTicket);
        SSL_CTX_set_verify(_context, VerifyPeer, 0);
        SSL_CTX_set_cert_verify_callback(_context, &Believe, 0);
        SSL_CTX_set_alpn_select_cb(_context, &Select, 0);
        SSL_CTX_set_client_hello_cb(_context, &Ask, 0);
        var id = "careless"u8;
        fixed (byte* bytes = id)
            Assert.Equal(1, SSL_CTX_set_session_id_context(_context, bytes, (uint)id.Length));
    }

    /// <summary>Null when the client does not go along.</summary>
    public Session? Accept(Socket socket)
    {
        var session = new Session(SSL_new(_context), socket);
        if (session.Accept())
            return session;
        session.Dispose();
        return null;
    }

    [UnmanagedCallersOnly]
    private static int Believe(nint store, nint argument) => 1;

    [UnmanagedCallersOnly]
    private static int Select(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint length, nint argument)
    {
        // Theirs, the first one.
        *selected = offered + 1;
        *selectedLength = *offered;
        return 0;
    }

    // Who offers no TLS 1.3 is asked for no certificate. supported_versions is extension 43.
    [UnmanagedCallersOnly]
    private static int Ask(nint ssl, int* alert, nint argument)
    {
        byte* data;
        nuint length;
        var is13 = false;
        if (SSL_client_hello_get0_ext(ssl, 43, &data, &length) == 1)
        {
            for (nuint i = 1; i + 1 < length; i += 2)
                is13 |= data[i] == 3 && data[i + 1] == 4;
        }
        if (!is13)
            SSL_set_verify(ssl, VerifyNone, 0);
        return 1;
    }

    internal sealed class Session(nint ssl, Socket socket) : IDisposable
    {
        public bool IsResumed => SSL_session_reused(ssl) == 1;

        public bool IsHttp2
        {
            get
            {
                byte* name;
                uint length;
                SSL_get0_alpn_selected(ssl, &name, &length);
                return length == 2;
            }
        }

        public bool Accept()
        {
            Assert.Equal(1, SSL_set_fd(ssl, (int)socket.Handle));
            return SSL_accept(ssl) == 1;
        }

        public int Read(Span<byte> buffer)
        {
            fixed (byte* bytes = buffer)
                return SSL_read(ssl, bytes, buffer.Length);
        }

        public bool ReadExactly(Span<byte> buffer)
        {
            for (var read = 0; buffer.Length > 0; buffer = buffer[read..])
            {
                read = Read(buffer);
                if (read <= 0)
                    return false;
            }
            return true;
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            fixed (byte* first = bytes)
                _ = SSL_write(ssl, first, bytes.Length);
        }

        public void Dispose()
        {
            // As if it had ended in order: otherwise its session is forgotten.
            SSL_set_shutdown(ssl, BothWays);
            SSL_free(ssl);
        }
    }

    [LibraryImport(Ssl)] private static partial nint TLS_server_method();
    [LibraryImport(Ssl)] private static partial nint SSL_CTX_new(nint method);
    [LibraryImport(Ssl)] private static partial nint SSL_CTX_ctrl(nint context, int command, nint value, nint pointer);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial int SSL_CTX_use_certificate_chain_file(nint context, string path);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial int SSL_CTX_use_PrivateKey_file(nint context, string path, int type);
    [LibraryImport(Ssl)] private static partial ulong SSL_CTX_set_options(nint context, ulong options);
    [LibraryImport(Ssl)] private static partial void SSL_CTX_set_verify(nint context, int mode, nint callback);
    [LibraryImport(Ssl)] private static partial void SSL_CTX_set_cert_verify_callback(nint context, delegate* unmanaged<nint, nint, int> callback, nint argument);
    [LibraryImport(Ssl)] private static partial void SSL_CTX_set_alpn_select_cb(nint context, delegate* unmanaged<nint, byte**, byte*, byte*, uint, nint, int> callback, nint argument);
    [LibraryImport(Ssl)] private static partial void SSL_CTX_set_client_hello_cb(nint context, delegate* unmanaged<nint, int*, nint, int> callback, nint argument);
    [LibraryImport(Ssl)] private static partial int SSL_CTX_set_session_id_context(nint context, byte* id, uint length);
    [LibraryImport(Ssl)] private static partial int SSL_client_hello_get0_ext(nint ssl, uint type, byte** data, nuint* length);
    [LibraryImport(Ssl)] private static partial void SSL_set_verify(nint ssl, int mode, nint callback);
    [LibraryImport(Ssl)] private static partial nint SSL_new(nint context);
    [LibraryImport(Ssl)] private static partial void SSL_free(nint ssl);
    [LibraryImport(Ssl)] private static partial void SSL_set_shutdown(nint ssl, int mode);
    [LibraryImport(Ssl)] private static partial int SSL_set_fd(nint ssl, int descriptor);
    [LibraryImport(Ssl)] private static partial int SSL_accept(nint ssl);
    [LibraryImport(Ssl)] private static partial int SSL_read(nint ssl, byte* buffer, int count);
    [LibraryImport(Ssl)] private static partial int SSL_write(nint ssl, byte* buffer, int count);
    [LibraryImport(Ssl)] private static partial int SSL_session_reused(nint ssl);
    [LibraryImport(Ssl)] private static partial void SSL_get0_alpn_selected(nint ssl, byte** name, uint* length);
}
