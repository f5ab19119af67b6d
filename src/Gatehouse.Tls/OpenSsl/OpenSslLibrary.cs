using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>The libssl of this machine.</summary>
internal static unsafe class OpenSslLibrary
{
    /// <summary>What to do where there is none that can be used.</summary>
    public const string WayOut = "Install OpenSSL 3 (Debian and Ubuntu: apt install libssl3; Fedora: openssl-libs; Alpine: libssl3).";

    /// <summary>For example <c>OpenSSL 3.0.19 27 Jan 2026</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)Native.OpenSSL_version(0)) ?? "OpenSSL";

    /// <summary>Says why the engine cannot run here; null when it can.</summary>
    public static string? Problem()
    {
        if (!OperatingSystem.IsLinux())
            return "The libssl engine runs on Linux only; set agent.tls.engine to sslstream.";
        try
        {
            var problem = Problem(Native.OpenSSL_version_num(), Version);
            // The number is libcrypto's; libssl is a file of its own.
            return problem ?? (Native.TLS_server_method() == 0 ? $"{Version} has no TLS. {WayOut}" : null);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return Problem(e);
        }
    }

    /// <summary>Says why the engine cannot run on an OpenSSL; null when it can: what is relied on is known of 3.0 to 3.5 (docs/design/tls.md).</summary>
    /// <param name="number">OpenSSL_version_num(): MNNFFPPS, the major version in the top four bits, the minor one in the eight below.</param>
    /// <param name="version">How it calls itself.</param>
    public static string? Problem(ulong number, string version)
    {
        var (major, minor) = ((number >> 28) & 0xF, (number >> 20) & 0xFF);
        return major == 3 && minor <= 5
            ? null
            : $"The libssl engine is for OpenSSL 3.0 to 3.5 (libssl.so.3); found {version}. Install one of these, or set agent.tls.engine to sslstream.";
    }

    /// <summary>Says that it cannot be loaded, in one line, and what the loader found wrong with what it found.</summary>
    public static string Problem(Exception e)
    {
        // The runtime lists each place that it looked at in a line; of interest are those where there was something.
        var found = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => e is not DllNotFoundException || (line.Contains(".so", StringComparison.Ordinal) && !line.StartsWith("Unable to load", StringComparison.Ordinal)
                && !line.EndsWith(": No such file or directory", StringComparison.Ordinal)))
            .Distinct().ToList();
        return "The libssl engine needs OpenSSL 3 (libssl.so.3 and libcrypto.so.3), which "
            + (found.Count == 0 ? "is not on this machine. " : $"cannot be loaded: {string.Join("; ", found).TrimEnd('.')}. ") + WayOut;
    }
}
