using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Reads this thread's OpenSSL error queue. It must be empty before every call whose result is looked at: the platform's own cryptography shares it.</summary>
internal static unsafe class OpenSslError
{
    /// <summary>The first error's reason code and text; the queue is empty afterwards.</summary>
    public static (int Reason, string Text) Take()
    {
        var error = Native.ERR_peek_error();
        var text = error == 0 ? null : Marshal.PtrToStringUTF8((nint)Native.ERR_reason_error_string(error));
        Native.ERR_clear_error();
        // ERR_GET_REASON of OpenSSL 3: the low 23 bits.
        return ((int)(error & 0x7FFFFF), text ?? (error == 0 ? "the peer closed the connection" : $"error {error:x}"));
    }

    /// <summary>The same as an exception that names the function.</summary>
    public static TlsEngineException Take(string function) => new($"OpenSSL's {function} failed: {Take().Text}.");
}
