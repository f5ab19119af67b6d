using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// What OpenSSL asks during a handshake. Called on the thread that is in <c>SSL_do_handshake</c>, for <see cref="OpenSslSession.Current"/>.
/// None may throw into OpenSSL: what goes wrong is kept, and the handshake fails.
/// </summary>
internal static unsafe class HandshakeCallbacks
{
    /// <summary>RSA keys beyond this are refused before they are computed with.</summary>
    private const int MaxKeyBits = 8192;

    // Wire form of h2, http/1.1: in our order of preference (RFC 7301 §3.1). Data of the image: it has one address for ever.
    private static ReadOnlySpan<byte> Protocols => [2, (byte)'h', (byte)'2', 8, (byte)'h', (byte)'t', (byte)'t', (byte)'p', (byte)'/', (byte)'1', (byte)'.', (byte)'1'];

    [UnmanagedCallersOnly]
    public static int ClientHello(nint ssl, int* alert, nint argument)
    {
        const int Success = 1, Error = 0;
        var flow = OpenSslSession.Current?.Flow;
        try
        {
            byte* body;
            nuint length;
            var name = Native.SSL_client_hello_get0_ext(ssl, Native.ExtensionServerName, &body, &length) == 1
                ? ServerNameExtension.Read(new ReadOnlySpan<byte>(body, (int)length))
                : null;
            // Before OpenSSL looks for a session: its context is the endpoint's at its generation, or nothing is resumed.
            if (flow is not null && flow.Identify(name) && SetTrust(ssl, flow))
                return Success;
            *alert = (int)(flow switch
            {
                { TurnsAway: true } => TlsAlert.InternalError,
                { ChangedName: true } => TlsAlert.IllegalParameter,
                _ => TlsAlert.UnrecognizedName,
            });
        }
        catch (Exception e)
        {
            *alert = (int)TlsAlert.InternalError;
            flow?.Fault ??= e;
        }
        return Error;
    }

    private static bool SetTrust(nint ssl, HandshakeFlow flow)
    {
        var target = flow.Target!;
        Native.SSL_set_verify(ssl,
            !target.RequestClientCertificate ? Native.VerifyNone
            : flow.RequiresCertificate ? Native.VerifyPeer | Native.VerifyFailIfNoPeerCertificate
            : Native.VerifyPeer, 0);
        var context = target.SessionContext.Span;
        fixed (byte* bytes = context)
            return Native.SSL_set_session_id_context(ssl, bytes, (uint)context.Length) == 1;
    }

    [UnmanagedCallersOnly]
    public static int SelectProtocol(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint offeredLength, nint argument)
    {
        const int Negotiated = 1, Ok = 0, FatalAlert = 2;
        fixed (byte* ours = Protocols)
            return Native.SSL_select_next_proto(selected, selectedLength, ours, (uint)Protocols.Length, offered, offeredLength) == Negotiated ? Ok : FatalAlert;
    }

    /// <summary>Stands in for X509_verify_cert: whatever OpenSSL thinks of chains is not asked.</summary>
    [UnmanagedCallersOnly]
    public static int Verify(nint store, nint argument)
    {
        const int GoOn = 1, Fail = 0;
        var flow = OpenSslSession.Current?.Flow;
        try
        {
            var leaf = Native.X509_STORE_CTX_get0_cert(store);
            if (flow is null || leaf == 0)
                return Fail;
            var key = Native.X509_get0_pubkey(leaf);
            var isOversizedKey = key == 0 || Native.EVP_PKEY_get_bits(key) > MaxKeyBits;
            if (flow.Present(new PresentedChain(Der(leaf), Others(leaf, Native.X509_STORE_CTX_get0_untrusted(store))), isOversizedKey))
                return GoOn;
            Native.X509_STORE_CTX_set_error(store, VerifyErrorOf(flow.Alert));
        }
        catch (Exception e)
        {
            flow?.Fault ??= e;
        }
        return Fail;
    }

    [UnmanagedCallersOnly]
    public static int NewSession(nint ssl, nint session)
    {
        const int Kept = 1, NotKept = 0;
        var current = OpenSslSession.Current;
        try
        {
            uint length;
            var id = Native.SSL_SESSION_get_id(session, &length);
            return current?.Flow is { } flow && flow.KeepSession(session, new ReadOnlySpan<byte>(id, (int)length), Native.SSL_session_reused(ssl) == 1) ? Kept : NotKept;
        }
        catch (Exception e)
        {
            current?.Flow?.Fault ??= e;
            return NotKept;
        }
    }

    [UnmanagedCallersOnly]
    public static nint FindSession(nint ssl, byte* id, int length, int* copy)
    {
        // The reference we return is OpenSSL's from now on.
        *copy = 0;
        var flow = OpenSslSession.Current?.Flow;
        try
        {
            return flow?.FindSession(new ReadOnlySpan<byte>(id, length)) ?? 0;
        }
        catch (Exception e)
        {
            flow?.Fault ??= e;
            return 0;
        }
    }

    // The stack holds all that the client sent, the leaf first.
    private static List<ReadOnlyMemory<byte>> Others(nint leaf, nint stack)
    {
        var count = stack == 0 ? 0 : Native.OPENSSL_sk_num(stack);
        var others = new List<ReadOnlyMemory<byte>>(Math.Max(0, count - 1));
        for (var i = 0; i < count; i++)
        {
            if (Native.OPENSSL_sk_value(stack, i) is var certificate && certificate != leaf)
                others.Add(Der(certificate));
        }
        return others;
    }

    // The bytes as they were received: OpenSSL keeps them.
    internal static byte[] Der(nint certificate)
    {
        var length = Native.i2d_X509(certificate, null);
        if (length <= 0)
            throw OpenSslError.Take("i2d_X509");
        var der = new byte[length];
        fixed (byte* bytes = der)
        {
            var next = bytes;
            _ = Native.i2d_X509(certificate, &next);
        }
        return der;
    }

    // OpenSSL makes the alert from a verification error (ssl_x509err2alert); these are the errors that make ours.
    private static int VerifyErrorOf(TlsAlert alert) => alert switch
    {
        TlsAlert.UnknownCa => 20,
        TlsAlert.CertificateExpired => 10,
        TlsAlert.CertificateRevoked => 23,
        TlsAlert.UnsupportedCertificate => 26,
        _ => 28,
    };
}
