using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>OpenSSL 3's <c>OSSL_PARAM</c>; an array of them ends with an empty one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OsslParameter
{
    public byte* Key;
    public uint Type;
    public void* Data;
    public nuint Size;
    public nuint Returned;
}
