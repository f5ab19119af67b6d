using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// The functions of libssl and libcrypto that the engine calls, and nothing else of them; macros are calls of their <c>_ctrl</c> functions.
/// Symbols and constants are those of the OpenSSL 3 ABI (<c>libssl.so.3</c>), stable from 3.0 to 3.5.
/// </summary>
internal static unsafe partial class Native
{
    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    public const int CtrlMode = 33, CtrlSetSessionCacheMode = 44, CtrlSetMaxCertList = 51, CtrlSetGroupsList = 92, CtrlSetMinProtocol = 123, CtrlChainCert = 89;
    public const ulong OpNoTicket = 1UL << 14, OpNoCompression = 1UL << 17, OpCipherServerPreference = 1UL << 22, OpNoRenegotiation = 1UL << 30, OpIgnoreUnexpectedEof = 1UL << 7;
    public const int ModeReleaseBuffers = 0x10, ModeAutoRetry = 4;
    public const int SessionCacheOff = 0, SessionCacheServer = 2, SessionCacheNoAutoClear = 0x80, SessionCacheNoInternal = 0x300;
    public const int Tls12 = 0x0303, Tls13 = 0x0304;
    public const int VerifyNone = 0, VerifyPeer = 1, VerifyFailIfNoPeerCertificate = 2;
    public const int ErrorNone = 0, ErrorSsl = 1, ErrorWantRead = 2, ErrorZeroReturn = 6;
    public const int ReasonExcessiveMessageSize = 152;
    public const int BioCtrlPending = 10, BioCtrlFlush = 11, BioTypeSourceSink = 0x400, BioFlagsRead = 1, BioFlagsShouldRetry = 8;
    public const int ExtensionServerName = 0;

    [LibraryImport(Crypto)] public static partial ulong OpenSSL_version_num();
    [LibraryImport(Crypto)] public static partial byte* OpenSSL_version(int type);
    [LibraryImport(Crypto)] public static partial void ERR_clear_error();
    [LibraryImport(Crypto)] public static partial ulong ERR_peek_error();
    [LibraryImport(Crypto)] public static partial byte* ERR_reason_error_string(ulong error);

    [LibraryImport(Ssl)] public static partial nint TLS_server_method();
    [LibraryImport(Ssl)] public static partial nint SSL_CTX_new(nint method);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_free(nint context);
    [LibraryImport(Ssl)] public static partial nint SSL_CTX_ctrl(SslContextHandle context, int command, nint value, nint pointer);
    [LibraryImport(Ssl)] public static partial ulong SSL_CTX_set_options(SslContextHandle context, ulong options);
    [LibraryImport(Ssl)] public static partial int SSL_CTX_set_num_tickets(SslContextHandle context, nuint count);
    [LibraryImport(Ssl)] public static partial nint SSL_CTX_set_timeout(SslContextHandle context, nint seconds);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] public static partial int SSL_CTX_set_cipher_list(SslContextHandle context, string ciphers);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] public static partial int SSL_CTX_set_ciphersuites(SslContextHandle context, string suites);
    [LibraryImport(Ssl)] public static partial int SSL_CTX_use_certificate(SslContextHandle context, nint certificate);
    [LibraryImport(Ssl)] public static partial int SSL_CTX_use_PrivateKey(SslContextHandle context, nint key);
    [LibraryImport(Ssl)] public static partial int SSL_CTX_check_private_key(SslContextHandle context);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_set_client_hello_cb(SslContextHandle context, delegate* unmanaged<nint, int*, nint, int> callback, nint argument);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_set_alpn_select_cb(SslContextHandle context, delegate* unmanaged<nint, byte**, byte*, byte*, uint, nint, int> callback, nint argument);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_set_cert_verify_callback(SslContextHandle context, delegate* unmanaged<nint, nint, int> callback, nint argument);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_sess_set_new_cb(SslContextHandle context, delegate* unmanaged<nint, nint, int> callback);
    [LibraryImport(Ssl)] public static partial void SSL_CTX_sess_set_get_cb(SslContextHandle context, delegate* unmanaged<nint, byte*, int, int*, nint> callback);

    [LibraryImport(Ssl)] public static partial int SSL_CTX_set_tlsext_ticket_key_evp_cb(SslContextHandle context, delegate* unmanaged<nint, byte*, byte*, nint, nint, int, int> callback);
    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_set_session_ticket_cb(
        SslContextHandle context, delegate* unmanaged<nint, nint, int> generate, delegate* unmanaged<nint, nint, byte*, nuint, int, nint, int> open, nint argument);

    [LibraryImport(Ssl)] public static partial nint SSL_new(SslContextHandle context);
    [LibraryImport(Ssl)] public static partial void SSL_free(nint ssl);
    [LibraryImport(Ssl)] public static partial void SSL_set_accept_state(SslHandle ssl);
    [LibraryImport(Ssl)] public static partial void SSL_set_bio(SslHandle ssl, nint read, nint write);
    [LibraryImport(Ssl)] public static partial int SSL_do_handshake(SslHandle ssl);
    [LibraryImport(Ssl)] public static partial int SSL_get_error(SslHandle ssl, int result);
    [LibraryImport(Ssl)] public static partial int SSL_read(SslHandle ssl, byte* buffer, int count);
    [LibraryImport(Ssl)] public static partial int SSL_write(SslHandle ssl, byte* buffer, int count);
    [LibraryImport(Ssl)] public static partial int SSL_pending(SslHandle ssl);
    [LibraryImport(Ssl)] public static partial int SSL_shutdown(SslHandle ssl);
    [LibraryImport(Ssl)] public static partial int SSL_session_reused(SslHandle ssl);
    [LibraryImport(Ssl)] public static partial int SSL_session_reused(nint ssl);
    [LibraryImport(Ssl)] public static partial int SSL_version(SslHandle ssl);
    [LibraryImport(Ssl)] public static partial void SSL_get0_alpn_selected(SslHandle ssl, byte** data, uint* length);

    // Within callbacks: the pointer is OpenSSL's, alive for the call.
    [LibraryImport(Ssl)] public static partial int SSL_client_hello_get0_ext(nint ssl, uint type, byte** data, nuint* length);
    [LibraryImport(Ssl)] public static partial void SSL_set_verify(nint ssl, int mode, nint callback);
    [LibraryImport(Ssl)] public static partial int SSL_set_session_id_context(nint ssl, byte* context, uint length);
    [LibraryImport(Ssl)] public static partial int SSL_select_next_proto(byte** selected, byte* selectedLength, byte* server, uint serverLength, byte* client, uint clientLength);
    [LibraryImport(Ssl)] public static partial byte* SSL_SESSION_get_id(nint session, uint* length);
    [LibraryImport(Ssl)] public static partial nint SSL_get_session(nint ssl);
    [LibraryImport(Ssl)] public static partial nint SSL_SESSION_get0_peer(nint session);
    [LibraryImport(Ssl)] public static partial int SSL_SESSION_set1_ticket_appdata(nint session, void* data, nuint length);
    [LibraryImport(Ssl)] public static partial int SSL_SESSION_get0_ticket_appdata(nint session, void** data, nuint* length);
    [LibraryImport(Crypto)] public static partial nint EVP_aes_256_cbc();
    [LibraryImport(Crypto)] public static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);
    [LibraryImport(Crypto)] public static partial int EVP_MAC_CTX_set_params(nint context, OsslParameter* parameters);
    [LibraryImport(Ssl)] public static partial int SSL_SESSION_up_ref(nint session);
    [LibraryImport(Ssl)] public static partial void SSL_SESSION_free(nint session);

    [LibraryImport(Crypto)] public static partial nint X509_STORE_CTX_get0_cert(nint context);
    [LibraryImport(Crypto)] public static partial nint X509_STORE_CTX_get0_untrusted(nint context);
    [LibraryImport(Crypto)] public static partial void X509_STORE_CTX_set_error(nint context, int error);
    [LibraryImport(Crypto)] public static partial int OPENSSL_sk_num(nint stack);
    [LibraryImport(Crypto)] public static partial nint OPENSSL_sk_value(nint stack, int index);
    [LibraryImport(Crypto)] public static partial int i2d_X509(nint certificate, byte** output);
    [LibraryImport(Crypto)] public static partial nint d2i_X509(nint reuse, byte** input, nint length);
    [LibraryImport(Crypto)] public static partial void X509_free(nint certificate);
    [LibraryImport(Crypto)] public static partial nint X509_get0_pubkey(nint certificate);
    [LibraryImport(Crypto)] public static partial nint d2i_AutoPrivateKey(nint reuse, byte** input, nint length);
    [LibraryImport(Crypto)] public static partial void EVP_PKEY_free(nint key);
    [LibraryImport(Crypto)] public static partial int EVP_PKEY_get_bits(nint key);

    [LibraryImport(Crypto)] public static partial int i2d_PUBKEY(nint key, byte** output);
    [LibraryImport(Crypto)] public static partial nint EVP_PKEY_meth_find(int nid);
    [LibraryImport(Crypto)] public static partial nint EVP_PKEY_meth_new(int nid, int flags);
    [LibraryImport(Crypto)] public static partial void EVP_PKEY_meth_copy(nint target, nint source);
    [LibraryImport(Crypto)] public static partial nint ENGINE_new();
    [LibraryImport(Crypto)] public static partial int ENGINE_free(nint engine);
    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)] public static partial int ENGINE_set_id(nint engine, string id);
    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)] public static partial int ENGINE_set_name(nint engine, string name);
    [LibraryImport(Crypto)] public static partial int ENGINE_set_pkey_meths(nint engine, delegate* unmanaged<nint, nint*, int**, int, int> methods);
    [LibraryImport(Crypto)] public static partial int ENGINE_add(nint engine);
    [LibraryImport(Crypto)] public static partial int ENGINE_remove(nint engine);
    [LibraryImport(Crypto)] public static partial int ENGINE_register_pkey_meths(nint engine);
    [LibraryImport(Crypto)] public static partial void ENGINE_unregister_pkey_meths(nint engine);

    [LibraryImport(Crypto)] public static partial int BIO_get_new_index();
    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)] public static partial nint BIO_meth_new(int type, string name);
    [LibraryImport(Crypto)] public static partial int BIO_meth_set_write(nint method, delegate* unmanaged<nint, byte*, int, int> write);
    [LibraryImport(Crypto)] public static partial int BIO_meth_set_read(nint method, delegate* unmanaged<nint, byte*, int, int> read);
    [LibraryImport(Crypto)] public static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged<nint, int, nint, nint, nint> ctrl);
    [LibraryImport(Crypto)] public static partial nint BIO_new(nint method);
    [LibraryImport(Crypto)] public static partial void BIO_set_init(nint bio, int init);
    [LibraryImport(Crypto)] public static partial void BIO_set_flags(nint bio, int flags);
    [LibraryImport(Crypto)] public static partial void BIO_clear_flags(nint bio, int flags);
}
