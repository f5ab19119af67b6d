using System.Runtime.InteropServices;

namespace Gatehouse.Benchmarks.Tls;

/// <summary>A session to resume with later; freed when nobody holds it any more.</summary>
internal sealed class TlsSession(IntPtr handle) : SafeHandle(handle, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Libssl.SSL_SESSION_free(handle);
        return true;
    }
}
