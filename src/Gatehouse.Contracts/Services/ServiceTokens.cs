using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Gatehouse.Contracts;

/// <summary>
/// The tokens of log service and TI service (log and TI sheet §2): <c>expiry ‖ account ‖ MAC</c> in base64url, where the MAC is
/// <c>HMAC(HMAC(secret, data), data)</c> over the first two, with SHA-256. Not a JWT. One implementation for who mints and who checks (ADR 0014).
/// </summary>
public static class ServiceTokens
{
    /// <summary>How long a token lasts: runners never ask for another (sheet §2).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(48);

    private const int ExpiryBytes = 4;
    private const int MacBytes = HMACSHA256.HashSizeInBytes;
    private const int LeastBytes = ExpiryBytes + 1 + MacBytes;
    private const int MostBytes = 1024;

    /// <summary>Four characters for three bytes, padding included.</summary>
    private const int MostCharacters = (MostBytes + 2) / 3 * 4;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Mints a token, without padding: clients of the first implementation read it up to the first <c>=</c> (sheet §2).</summary>
    /// <param name="secret">The service's signing secret as text.</param>
    /// <param name="accountId">1 to 988 bytes as UTF-8.</param>
    /// <param name="expiresAt">Between 1970 and 2106; fractions of a second are cut.</param>
    /// <exception cref="ArgumentException">The secret or the account is empty, or the account is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time does not fit into 32 bits of Unix seconds.</exception>
    public static string Mint(string secret, string accountId, DateTimeOffset expiresAt)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentException.ThrowIfNullOrEmpty(accountId);
        var seconds = expiresAt.ToUnixTimeSeconds();
        ArgumentOutOfRangeException.ThrowIfNegative(seconds, nameof(expiresAt));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, uint.MaxValue, nameof(expiresAt));
        var account = s_strictUtf8.GetBytes(accountId);
        var token = new byte[ExpiryBytes + account.Length + MacBytes];
        if (token.Length > MostBytes)
            throw new ArgumentException("The account is too long for a token.", nameof(accountId));
        BinaryPrimitives.WriteUInt32BigEndian(token, (uint)seconds);
        account.CopyTo(token, ExpiryBytes);
        Mac(secret, token.AsSpan(..^MacBytes), token.AsSpan(^MacBytes..));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Reads a token, with or without padding. Null when it is malformed, not of this secret, or over.</summary>
    /// <param name="secret">The service's signing secret as text.</param>
    /// <param name="text">What the client presented; it may be anything.</param>
    /// <param name="now">The time it must outlast.</param>
    /// <exception cref="ArgumentException">The secret is empty: a programming error, not a verdict.</exception>
    public static ServiceToken? Read(string secret, string? text, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        Span<byte> token = stackalloc byte[MostBytes];
        if (text is null || text.Length > MostCharacters || !Base64Url.IsValid(text, out var length) || length is < LeastBytes or > MostBytes)
            return null;
        token = token[..Base64Url.DecodeFromChars(text, token)];
        Span<byte> mac = stackalloc byte[MacBytes];
        Mac(secret, token[..^MacBytes], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, token[^MacBytes..]))
            return null;

        // Only what somebody with the secret has signed is looked into.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(token));
        if (expiresAt <= now)
            return null;
        try
        {
            return new ServiceToken(s_strictUtf8.GetString(token[ExpiryBytes..^MacBytes]), expiresAt);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static void Mac(string secret, ReadOnlySpan<byte> data, Span<byte> into)
    {
        Span<byte> key = stackalloc byte[MacBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), data, key);
        HMACSHA256.HashData(key, data, into);
    }
}
