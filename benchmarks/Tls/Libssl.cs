using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Gatehouse.Benchmarks.Tls;

/// <summary>The few functions of OpenSSL 3 that a client of ours needs. Not the product's binding: a witness must not share the code it judges.</summary>
internal static partial class Libssl
{
    public const int Tls12 = 0x0303, Tls13 = 0x0304;
    public const int ErrorSsl = 1, ErrorWantRead = 2, ErrorWantWrite = 3, ErrorZeroReturn = 6;
    public const int SetMinVersion = 123, SetMaxVersion = 124, SetSessionCacheMode = 44, SetHostName = 55;
    public const int FileTypePem = 1;

    /// <summary>SSL_SENT_SHUTDOWN and SSL_RECEIVED_SHUTDOWN: the connection counts as ended in order.</summary>
    public const int ShutDownBothWays = 3;

    /// <summary>A received alert is the error reason 1000 + its number (SSL_AD_REASON_OFFSET).</summary>
    private const int AlertReasons = 1000;

    /// <summary>SSL_R_UNEXPECTED_EOF_WHILE_READING.</summary>
    private const int UnexpectedEnd = 294;

    private const string Ssl = "libssl.so.3", Crypto = "libcrypto.so.3";

    [LibraryImport(Ssl)] public static partial IntPtr TLS_client_method();
    [LibraryImport(Ssl)] public static partial IntPtr SSL_CTX_new(IntPtr method);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_free(IntPtr context);
    [LibraryImport(Ssl)] public static partial nint SSL_CTX_ctrl(IntPtr context, int command, nint number, IntPtr argument);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] public static partial int SSL_CTX_use_certificate_chain_file(IntPtr context, string path);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] public static partial int SSL_CTX_use_PrivateKey_file(IntPtr context, string path, int type);
    [LibraryImport(Ssl)] public static partial IntPtr SSL_new(IntPtr context);
    [LibraryImport(Ssl)] public static partial void SSL_free(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial void SSL_set_connect_state(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial void SSL_set_bio(IntPtr ssl, IntPtr input, IntPtr output);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] public static partial nint SSL_ctrl(IntPtr ssl, int command, nint number, string argument);
    [LibraryImport(Ssl)] public static partial int SSL_set_alpn_protos(IntPtr ssl, ReadOnlySpan<byte> protocols, uint length);
    [LibraryImport(Ssl)] public static partial int SSL_do_handshake(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial int SSL_get_error(IntPtr ssl, int result);
    [LibraryImport(Ssl)] public static partial int SSL_read(IntPtr ssl, Span<byte> buffer, int length);
    [LibraryImport(Ssl)] public static partial int SSL_write(IntPtr ssl, ReadOnlySpan<byte> buffer, int length);
    [LibraryImport(Ssl)] public static partial int SSL_shutdown(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial int SSL_session_reused(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial int SSL_set_session(IntPtr ssl, TlsSession session);
    [LibraryImport(Ssl)] public static partial IntPtr SSL_get1_session(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial void SSL_SESSION_free(IntPtr session);
    [LibraryImport(Ssl)] public static partial int SSL_SESSION_is_resumable(IntPtr session);
    [LibraryImport(Ssl)] public static partial int SSL_set_fd(IntPtr ssl, int descriptor);
    [LibraryImport(Ssl)] public static partial void SSL_set_shutdown(IntPtr ssl, int mode);
    [LibraryImport(Ssl)] public static partial int SSL_version(IntPtr ssl);
    [LibraryImport(Ssl)] public static partial IntPtr SSL_get1_peer_certificate(IntPtr ssl);
    [LibraryImport(Crypto)] public static unsafe partial int i2d_X509(IntPtr certificate, byte** output);
    [LibraryImport(Crypto)] public static partial void X509_free(IntPtr certificate);
    [LibraryImport(Crypto)] public static partial IntPtr BIO_s_mem();
    [LibraryImport(Crypto)] public static partial IntPtr BIO_new(IntPtr method);
    [LibraryImport(Crypto)] public static partial int BIO_write(IntPtr bio, ReadOnlySpan<byte> data, int length);
    [LibraryImport(Crypto)] public static partial int BIO_read(IntPtr bio, Span<byte> data, int length);
    [LibraryImport(Crypto)] public static partial void ERR_clear_error();
    [LibraryImport(Crypto)] public static partial nuint ERR_peek_last_error();

    /// <summary>The alert that the last failed call of this thread had received; null when it failed for another reason.</summary>
    public static int? ReceivedAlert()
    {
        var reason = LastReason();
        return reason is > AlertReasons and < AlertReasons + 256 ? reason - AlertReasons : null;
    }

    /// <summary>True when the last failed call of this thread failed because TCP had ended and TLS had not.</summary>
    public static bool IsUnexpectedEnd() => LastReason() == UnexpectedEnd;

    /// <summary>The server's certificate as DER; empty when there is none.</summary>
    public static unsafe byte[] PeerCertificate(IntPtr ssl)
    {
        var certificate = SSL_get1_peer_certificate(ssl);
        if (certificate == 0)
            return [];
        var der = new byte[i2d_X509(certificate, null)];
        fixed (byte* start = der)
        {
            // It moves the pointer that it is given.
            var end = start;
            _ = i2d_X509(certificate, &end);
        }
        X509_free(certificate);
        return der;
    }

    private static int LastReason() => (int)(ERR_peek_last_error() & 0x7FFFFF);
}
