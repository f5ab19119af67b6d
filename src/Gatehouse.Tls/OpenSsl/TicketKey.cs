using System.Security.Cryptography;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>One key for stateless tickets (RFC 5077 §4): 16 bytes of name, 32 for HMAC-SHA-256, 32 for AES-256. Immutable.</summary>
internal sealed class TicketKey
{
    public const int Bytes = 80;
    private readonly byte[] _bytes;

    /// <exception cref="TlsEngineException">Not 80 bytes.</exception>
    public TicketKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.Length == Bytes
        ? bytes.ToArray()
        : throw new TlsEngineException($"A ticket key has {Bytes} bytes; this one has {bytes.Length}. Make one with: openssl rand -base64 80 | tr -d '\\n'");

    public ReadOnlySpan<byte> Name => _bytes.AsSpan(0, 16);
    public ReadOnlySpan<byte> Mac => _bytes.AsSpan(16, 32);
    public ReadOnlySpan<byte> Cipher => _bytes.AsSpan(48, 32);

    public static TicketKey Random() => new(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Keys from a file's text: one in Base64 a line, the one in force first.</summary>
    /// <exception cref="TlsEngineException">No key, more than 16, or a line that is none; it names the line and not its content.</exception>
    public static TicketKey[] ParseAll(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length is 0 or > 16)
            throw new TlsEngineException($"The file of ticket keys has {lines.Length} keys; it needs 1 to 16, one in Base64 a line.");
        var keys = new TicketKey[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            var bytes = new byte[lines[i].Length];
            if (!Convert.TryFromBase64String(lines[i], bytes, out var length))
                throw new TlsEngineException($"Line {i + 1} of the file of ticket keys is not Base64.");
            keys[i] = new TicketKey(bytes.AsSpan(0, length));
            CryptographicOperations.ZeroMemory(bytes);
        }
        return keys;
    }
}
