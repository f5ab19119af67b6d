using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gatehouse.Manager.Tokens;

/// <summary>
/// The credential on the wire (protocol sheet §4.2): a compact JWE (RFC 7516 §3.1) with <c>alg=dir</c> and <c>enc=A128GCM</c>, the
/// token being the key itself. Parsed strictly (sheet §12.4): any other algorithm, a key segment, compression or a critical
/// extension is none of ours. What is secret is compared by AES-GCM's tag check, in constant time.
/// </summary>
internal sealed class JweCredential
{
    /// <summary>Characters of the whole text; real ones have about 270.</summary>
    public const int MaxLength = 8192;

    private const int IvBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _associatedData;
    private readonly byte[] _iv;
    private readonly byte[] _cipherText;
    private readonly byte[] _tag;

    private JweCredential(byte[] associatedData, byte[] iv, byte[] cipherText, byte[] tag) =>
        (_associatedData, _iv, _cipherText, _tag) = (associatedData, iv, cipherText, tag);

    /// <summary>Takes the text apart; null when it is not of the form.</summary>
    public static JweCredential? TryParse(string text)
    {
        if (text.Length is 0 or > MaxLength || !Ascii.IsValid(text))
            return null;
        var segments = text.Split('.', 6);
        if (segments.Length != 5 || segments[1].Length != 0)
            return null;
        if (Decode(segments[0]) is not { } header || Decode(segments[2]) is not { Length: IvBytes } iv ||
            Decode(segments[3]) is not { Length: > 0 } cipherText || Decode(segments[4]) is not { Length: TagBytes } tag || !IsOurs(header))
            return null;
        return new JweCredential(Encoding.ASCII.GetBytes(segments[0]), iv, cipherText, tag);
    }

    /// <summary>Decrypts with a 16-byte key; null when the key does not fit or what is inside are no claims.</summary>
    public CredentialClaims? TryOpen(ReadOnlySpan<byte> key)
    {
        if (key.Length != 16)
            return null;
        var plain = new byte[_cipherText.Length];
        using (var aes = new AesGcm(key, TagBytes))
        {
            try
            {
                aes.Decrypt(_iv, _cipherText, _tag, plain, _associatedData);
            }
            catch (AuthenticationTagMismatchException)
            {
                return null;
            }
        }
        return CredentialClaims.TryRead(plain);
    }

    private static bool IsOurs(byte[] header)
    {
        try
        {
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 4 });
            return json.RootElement is { ValueKind: JsonValueKind.Object } root &&
                Is(root, "alg", "dir") && Is(root, "enc", "A128GCM") && !root.TryGetProperty("zip", out _) && !root.TryGetProperty("crit", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Is(JsonElement root, string name, string value) =>
        root.TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.String && element.ValueEquals(value);

    private static byte[]? Decode(string segment)
    {
        // RFC 7515 §2: no padding, no white space.
        if (segment.AsSpan().ContainsAny("= \t\r\n"))
            return null;
        try
        {
            return Base64Url.DecodeFromChars(segment);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
