using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>The libssl of this machine.</summary>
internal static unsafe class OpenSslLibrary
{
    /// <summary>For example <c>OpenSSL 3.0.19 27 Jan 2026</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)Native.OpenSSL_version(0)) ?? "OpenSSL";

    /// <summary>Says why the engine cannot run here; null when it can.</summary>
    public static string? Problem()
    {
        if (!OperatingSystem.IsLinux())
            return "The libssl engine runs on Linux only; set agent.tls.engine to sslstream.";
        try
        {
            // MNNFFPPS: major version in the top four bits.
            return (Native.OpenSSL_version_num() >> 28) == 3
                ? null
                : $"The libssl engine needs OpenSSL 3 (libssl.so.3); found {Version}. Install libssl3, or set agent.tls.engine to sslstream.";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return $"The libssl engine needs OpenSSL 3 (libssl.so.3), which cannot be loaded: {e.Message} Install libssl3, or set agent.tls.engine to sslstream.";
        }
    }
}
