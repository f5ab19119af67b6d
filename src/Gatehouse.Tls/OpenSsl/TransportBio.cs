using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// The BIO between OpenSSL and a connection's pipes: it reads what has come in and writes straight into the output's memory, so no
/// ciphertext is held twice. It knows its connection by <see cref="OpenSslSession.Current"/>, which is set for the length of each call.
/// </summary>
internal static unsafe class TransportBio
{
    private static readonly nint s_method = CreateMethod();

    public static nint Create()
    {
        var bio = Native.BIO_new(s_method);
        if (bio == 0)
            throw OpenSslError.Take("BIO_new");
        Native.BIO_set_init(bio, 1);
        return bio;
    }

    private static nint CreateMethod()
    {
        // Lives as long as the process: connections may use it until the end.
        var method = Native.BIO_meth_new(Native.BIO_get_new_index() | Native.BioTypeSourceSink, "gatehouse transport");
        if (method == 0)
            throw OpenSslError.Take("BIO_meth_new");
        _ = Native.BIO_meth_set_read(method, &Read);
        _ = Native.BIO_meth_set_write(method, &Write);
        _ = Native.BIO_meth_set_ctrl(method, &Control);
        return method;
    }

    [UnmanagedCallersOnly]
    private static int Read(nint bio, byte* buffer, int count)
    {
        Native.BIO_clear_flags(bio, Native.BioFlagsRead | Native.BioFlagsShouldRetry);
        var session = OpenSslSession.Current;
        if (session is null || count <= 0)
            return -1;
        var read = session.TakeCiphertext(new Span<byte>(buffer, count));
        if (read != 0)
            return read;
        // The end of the stream, too: OpenSSL would take it for an error and write no more, and whoever closed its own side only may wait for an answer.
        // What is cut off shows in HTTP.
        Native.BIO_set_flags(bio, Native.BioFlagsRead | Native.BioFlagsShouldRetry);
        return -1;
    }

    [UnmanagedCallersOnly]
    private static int Write(nint bio, byte* buffer, int count) =>
        OpenSslSession.Current is { } session && count > 0 && session.PutCiphertext(new ReadOnlySpan<byte>(buffer, count)) ? count : -1;

    [UnmanagedCallersOnly]
    private static nint Control(nint bio, int command, nint value, nint pointer) => command == Native.BioCtrlFlush ? 1 : 0;
}
