using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>One <c>SSL_CTX</c> for one server certificate: built once, shared by all its connections, freed when the last of them and the identity are gone.</summary>
internal sealed unsafe class OpenSslServerContext
{
    private const string Tls12Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    private const string Tls13Suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

    /// <summary>Bytes of all certificates a client may send; the verifier allows 64 KiB and explains, beyond this OpenSSL ends the handshake.</summary>
    private const int MaxCertificateListBytes = 128 * 1024;

    /// <summary>Seconds a session can be resumed.</summary>
    private const int SessionSeconds = 2 * 60 * 60;

    public OpenSslServerContext(ServerIdentity identity, ResumptionForm resumption)
    {
        Handle = SslContextHandle.Create();
        Configure(resumption);
        Use(identity.Leaf);
        foreach (var certificate in identity.Chain)
            AddChain(certificate);
        Native.SSL_CTX_set_client_hello_cb(Handle, &HandshakeCallbacks.ClientHello, 0);
        Native.SSL_CTX_set_alpn_select_cb(Handle, &HandshakeCallbacks.SelectProtocol, 0);
        Native.SSL_CTX_set_cert_verify_callback(Handle, &HandshakeCallbacks.Verify, 0);
    }

    public SslContextHandle Handle { get; }

    private void Configure(ResumptionForm resumption)
    {
        var (resumes, tickets) = (resumption == ResumptionForm.Stateful, resumption == ResumptionForm.Tickets);
        Native.ERR_clear_error();
        _ = Native.SSL_CTX_set_options(Handle, (tickets ? 0 : Native.OpNoTicket) | Native.OpNoCompression | Native.OpNoRenegotiation | Native.OpCipherServerPreference);
        _ = Native.SSL_CTX_ctrl(Handle, Native.CtrlMode, Native.ModeReleaseBuffers | Native.ModeAutoRetry, 0);
        Require(Native.SSL_CTX_ctrl(Handle, Native.CtrlSetMinProtocol, Native.Tls12, 0) == 1, "SSL_CTX_set_min_proto_version");
        Require(Native.SSL_CTX_set_cipher_list(Handle, Tls12Ciphers) == 1, "SSL_CTX_set_cipher_list");
        Require(Native.SSL_CTX_set_ciphersuites(Handle, Tls13Suites) == 1, "SSL_CTX_set_ciphersuites");
        _ = Native.SSL_CTX_ctrl(Handle, Native.CtrlSetMaxCertList, MaxCertificateListBytes, 0);
        // Sessions live in our cache, by endpoint and generation; OpenSSL's own cache knows neither.
        _ = Native.SSL_CTX_ctrl(Handle, Native.CtrlSetSessionCacheMode,
            resumes ? Native.SessionCacheServer | Native.SessionCacheNoAutoClear | Native.SessionCacheNoInternal : Native.SessionCacheOff, 0);
        _ = Native.SSL_CTX_set_num_tickets(Handle, resumes || tickets ? 1u : 0u);
        _ = Native.SSL_CTX_set_timeout(Handle, SessionSeconds);
        if (tickets)
        {
            Require(Native.SSL_CTX_set_tlsext_ticket_key_evp_cb(Handle, &TicketCallbacks.SelectKey) == 1, "SSL_CTX_set_tlsext_ticket_key_evp_cb");
            Require(Native.SSL_CTX_set_session_ticket_cb(Handle, &TicketCallbacks.Generate, &TicketCallbacks.Open, 0) == 1, "SSL_CTX_set_session_ticket_cb");
        }
        if (resumes)
        {
            Native.SSL_CTX_sess_set_new_cb(Handle, &HandshakeCallbacks.NewSession);
            Native.SSL_CTX_sess_set_get_cb(Handle, &HandshakeCallbacks.FindSession);
        }
    }

    private void Use(X509Certificate2 leaf)
    {
        var certificate = Parse(leaf);
        try
        {
            Require(Native.SSL_CTX_use_certificate(Handle, certificate) == 1, "SSL_CTX_use_certificate");
        }
        finally
        {
            Native.X509_free(certificate);
        }
        using AsymmetricAlgorithm key = leaf.GetECDsaPrivateKey() ?? (AsymmetricAlgorithm?)leaf.GetRSAPrivateKey()
            ?? throw new TlsEngineException("The server certificate's key is neither RSA nor EC. Use one of these.");
        var pkcs8 = key.ExportPkcs8PrivateKey();
        try
        {
            fixed (byte* bytes = pkcs8)
            {
                var next = bytes;
                var native = Native.d2i_AutoPrivateKey(0, &next, pkcs8.Length);
                Require(native != 0, "d2i_AutoPrivateKey");
                var used = Native.SSL_CTX_use_PrivateKey(Handle, native);
                Native.EVP_PKEY_free(native);
                Require(used == 1 && Native.SSL_CTX_check_private_key(Handle) == 1, "SSL_CTX_use_PrivateKey");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private void AddChain(X509Certificate2 certificate)
    {
        var native = Parse(certificate);
        // SSL_CTX_add1_chain_cert: it takes a reference of its own.
        var added = Native.SSL_CTX_ctrl(Handle, Native.CtrlChainCert, 1, native);
        Native.X509_free(native);
        Require(added == 1, "SSL_CTX_add1_chain_cert");
    }

    private static nint Parse(X509Certificate2 certificate)
    {
        fixed (byte* bytes = certificate.RawDataMemory.Span)
        {
            var next = bytes;
            var native = Native.d2i_X509(0, &next, certificate.RawDataMemory.Length);
            return native != 0 ? native : throw OpenSslError.Take("d2i_X509");
        }
    }

    private static void Require(bool succeeded, string function)
    {
        if (!succeeded)
            throw OpenSslError.Take(function);
    }
}
