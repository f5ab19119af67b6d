using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Tokens;

/// <summary>
/// Judges a credential (protocol sheet §4.3, without the weak points of §4.5): it is tried against the account's own tokens only,
/// and a remembered verdict is bound to the account and asks the token each time whether it still holds.
/// </summary>
/// <remarks>
/// Clocks. A credential past <c>exp</c> by up to <see cref="Leeway"/> still passes: it is minted fresh by its owner, so leeway costs nothing and
/// saves fleets with lazy clocks. Beyond that it is <c>EXPIRED_TOKEN</c>, which freezes existing delegates. One from the future gets another code,
/// because it has not expired; both sentences name the clocks.
/// </remarks>
internal sealed class TokenVerifier(TokenRegistry tokens, TimeProvider time)
{
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    private const int MaxRemembered = 50_000;

    private readonly ConcurrentDictionary<CacheKey, Verdict> _remembered = new();

    public Outcome<TokenEntry> Verify(string accountId, string credential)
    {
        if (credential.Length > JweCredential.MaxLength)
            return Invalid("The credential is too long.");
        var now = time.GetUtcNow();
        var key = CacheKey.Of(accountId, credential);
        if (_remembered.TryGetValue(key, out var verdict))
            return Now(verdict, now);

        if (JweCredential.TryParse(credential) is not { } jwe)
            return Invalid("The credential cannot be read: it is not a JWE with alg 'dir' and enc 'A128GCM'.");
        if (Find(jwe, accountId) is not var (token, claims))
            return Invalid($"The credential was not made with a delegate token of account '{accountId}'. Check DELEGATE_TOKEN and ACCOUNT_ID.");
        if (claims.Subject is { } subject && subject != accountId)
            return Invalid($"The credential names another account than '{accountId}'. Check ACCOUNT_ID.");

        // Only good credentials are remembered, so strangers cannot fill this; when the fleet does, it starts afresh.
        verdict = new Verdict(token, claims);
        var outcome = Now(verdict, now);
        if (outcome.Fault is null)
        {
            if (_remembered.Count >= MaxRemembered)
                _remembered.Clear();
            _remembered[key] = verdict;
        }
        return outcome;
    }

    private static Outcome<TokenEntry> Now(Verdict verdict, DateTimeOffset now)
    {
        var (token, claims) = verdict;
        if (token.EndedAt(now) is { } ended)
            return Fault.Of(ProtocolErrorCode.RevokedToken,
                $"The delegate token '{token.Name}' was revoked at {Text(ended)}. Give the delegate another token of the account.");
        if (claims.ExpiresAt + Leeway <= now)
            return Fault.Of(ProtocolErrorCode.ExpiredToken,
                $"The credential expired at {Text(claims.ExpiresAt)}; the server's clock is {Text(now)}, {Span(now - claims.ExpiresAt)} later.{Made(claims, now)}");
        if ((claims.NotBefore ?? claims.IssuedAt) is { } start && start - Leeway > now)
            return Fault.Of(ProtocolErrorCode.InvalidCredential,
                $"The credential was made at {Text(start)} by the delegate's clock, but the server's clock is {Text(now)}: the delegate's is {Span(start - now)} ahead. Set the delegate's clock (NTP).");
        return token;
    }

    /// <summary>Active tokens first, then ended ones, so that a revoked token is called revoked (sheet §4.3, 7 and 8).</summary>
    private (TokenEntry Token, CredentialClaims Claims)? Find(JweCredential jwe, string accountId)
    {
        var now = time.GetUtcNow();
        foreach (var token in tokens.Of(accountId).OrderBy(token => token.EndedAt(now) is null ? 0 : 1))
        {
            if (token.Key is { } key && jwe.TryOpen(key) is { } claims)
                return (token, claims);
        }
        return null;
    }

    private static string Made(CredentialClaims claims, DateTimeOffset now) => claims.IssuedAt is { } issued
        ? $" It was made at {Text(issued)} by the delegate's clock: if that was just now, that clock is {Span(now - issued)} behind; set it (NTP)."
        : " If it was made just now, the delegate's clock is behind; set it (NTP).";

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span.TotalMinutes < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} minutes")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} hours");

    private static Fault Invalid(string message) => Fault.Of(ProtocolErrorCode.InvalidToken, message);

    private sealed record Verdict(TokenEntry Token, CredentialClaims Claims);

    /// <summary>Account and SHA-256 of the credential: one that is good for an account is good for that one only.</summary>
    private readonly record struct CacheKey(string AccountId, UInt128 High, UInt128 Low)
    {
        public static CacheKey Of(string accountId, string credential)
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(Encoding.UTF8.GetBytes(credential), hash);
            return new CacheKey(accountId,
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
        }
    }
}
