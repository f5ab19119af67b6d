using Microsoft.Win32.SafeHandles;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>One connection's <c>SSL</c>, which owns its BIO. A call in progress keeps it alive; disposing frees it after the call.</summary>
internal sealed class SslHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    public static SslHandle Create(SslContextHandle context)
    {
        var handle = new SslHandle();
        handle.SetHandle(Native.SSL_new(context));
        if (handle.IsInvalid)
            throw OpenSslError.Take("SSL_new");
        var bio = TransportBio.Create();
        Native.SSL_set_bio(handle, bio, bio);
        Native.SSL_set_accept_state(handle);
        return handle;
    }

    protected override bool ReleaseHandle()
    {
        Native.SSL_free(handle);
        return true;
    }
}
