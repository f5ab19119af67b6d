using Microsoft.Win32.SafeHandles;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>An <c>SSL_CTX</c>. Connections hold references of their own inside OpenSSL, so freeing ours never takes it from one that is open.</summary>
internal sealed class SslContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public static SslContextHandle Create()
    {
        var handle = new SslContextHandle();
        handle.SetHandle(Native.SSL_CTX_new(Native.TLS_server_method()));
        return handle.IsInvalid ? throw OpenSslError.Take("SSL_CTX_new") : handle;
    }

    protected override bool ReleaseHandle()
    {
        Native.SSL_CTX_free(handle);
        return true;
    }
}
