using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gatehouse.Client;

/// <summary>The delegate token: a 128-bit key, given as 32 hex digits or as base64 of them (protocol sheet §4.1). Secret: it has no text form.</summary>
public sealed class DelegateToken
{
    /// <summary>32 hex digits are 16 bytes.</summary>
    private const int HexDigits = 32;

    private DelegateToken(byte[] key) => Key = key;

    /// <summary>The AES key, 16 bytes.</summary>
    internal byte[] Key { get; }

    /// <summary>Reads either form; blanks around it are ignored. Never echoes the text.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DelegateToken? token)
    {
        token = null;
        var trimmed = (text ?? "").Trim();
        if (!IsHex(trimmed))
        {
            Span<byte> decoded = stackalloc byte[HexDigits];
            if (trimmed.Length > 64 || !Convert.TryFromBase64String(trimmed, decoded, out var length) || length != HexDigits)
                return false;
            trimmed = Encoding.ASCII.GetString(decoded);
            if (!IsHex(trimmed))
                return false;
        }

        token = new DelegateToken(Convert.FromHexString(trimmed));
        return true;
    }

    private static bool IsHex(string text) => text.Length == HexDigits && text.All(char.IsAsciiHexDigit);
}
