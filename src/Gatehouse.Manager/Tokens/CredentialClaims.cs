using System.Text.Json;

namespace Gatehouse.Manager.Tokens;

/// <summary>The claims that count (RFC 7519 §4.1). <c>iss</c>, <c>aud</c> and <c>jti</c> differ between public clients and are not looked at.</summary>
/// <param name="Subject">The account, or null when absent.</param>
/// <param name="ExpiresAt">Mandatory here.</param>
/// <param name="NotBefore">Null when absent.</param>
/// <param name="IssuedAt">Null when absent.</param>
internal sealed record CredentialClaims(string? Subject, DateTimeOffset ExpiresAt, DateTimeOffset? NotBefore, DateTimeOffset? IssuedAt)
{
    /// <summary>Reads the JSON; null when it is none, lacks <c>exp</c>, or a claim has the wrong kind.</summary>
    public static CredentialClaims? TryRead(byte[] plain)
    {
        try
        {
            using var json = JsonDocument.Parse(plain, new JsonDocumentOptions { MaxDepth = 8 });
            if (json.RootElement is not { ValueKind: JsonValueKind.Object } root)
                return null;
            string? subject = null;
            if (root.TryGetProperty("sub", out var sub) && sub.ValueKind != JsonValueKind.Null)
            {
                if (sub.ValueKind != JsonValueKind.String)
                    return null;
                subject = sub.GetString();
            }
            return Time(root, "exp", out var expires) && expires is { } exp && Time(root, "nbf", out var notBefore) && Time(root, "iat", out var issued)
                ? new CredentialClaims(subject, exp, notBefore, issued)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>NumericDate (RFC 7519 §2): seconds, a fraction allowed. False when it is there and is none.</summary>
    private static bool Time(JsonElement root, string name, out DateTimeOffset? time)
    {
        time = null;
        if (!root.TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null)
            return true;
        // Bounded to what a date can hold: 9999-12-31.
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetDouble(out var seconds) || seconds is not (>= 0 and < 253402300799d))
            return false;
        time = DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000));
        return true;
    }
}
