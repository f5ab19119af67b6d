using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gatehouse.Client;

/// <summary>
/// What a delegate shows with each call: a JWE, <c>dir</c> with <c>A128GCM</c> under the token's key (protocol sheet §4.2, RFC 7516). Our own
/// forty lines on AesGcm, because the JOSE libraries serialise by reflection and do not survive trimming; a library is the witness in the tests.
/// </summary>
public sealed class DelegateCredential
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromMinutes(5);

    private readonly DelegateToken _token;
    private readonly string _accountId;
    private readonly string _issuer;
    private readonly string _audience;
    private readonly TimeProvider _time;
    private readonly Lock _minting = new();
    private string? _current;
    private DateTimeOffset _expiry;

    /// <summary>Makes one.</summary>
    /// <param name="token">The key.</param>
    /// <param name="accountId">Claim <c>sub</c>.</param>
    /// <param name="issuer">Claim <c>iss</c>: the host name.</param>
    /// <param name="audience">Claim <c>aud</c>: scheme, host and port of the manager.</param>
    /// <param name="time">The clock.</param>
    public DelegateCredential(DelegateToken token, string accountId, string issuer, string audience, TimeProvider time)
    {
        _token = token;
        _accountId = accountId;
        _issuer = issuer;
        _audience = audience;
        _time = time;
    }

    /// <summary>The manager's clock minus ours, as last seen: a delegate whose clock is wrong still mints credentials that are valid where they are read.</summary>
    public TimeSpan ManagerClockAhead { get; private set; }

    /// <summary>The compact JWE, reused until five minutes before its end. Secret.</summary>
    public string Get()
    {
        lock (_minting)
        {
            var now = _time.GetUtcNow() + ManagerClockAhead;
            if (_current is null || now >= _expiry - s_renewBefore)
            {
                _expiry = now + s_lifetime;
                _current = Mint(now);
            }

            return _current;
        }
    }

    /// <summary>Takes the manager's clock over when it differs by more than a minute from what was assumed.</summary>
    /// <param name="managerNow">Its <c>Date</c> header, which has whole seconds.</param>
    internal void ObserveManagerClock(DateTimeOffset managerNow)
    {
        var ahead = managerNow - _time.GetUtcNow();
        lock (_minting)
        {
            if ((ahead - ManagerClockAhead).Duration() <= TimeSpan.FromMinutes(1))
                return;
            ManagerClockAhead = ahead.Duration() <= TimeSpan.FromMinutes(1) ? TimeSpan.Zero : ahead;
            _current = null;
        }
    }

    private string Mint(DateTimeOffset now)
    {
        var header = Base64Url.EncodeToString("""{"alg":"dir","enc":"A128GCM"}"""u8);
        var plain = Claims(now);
        var iv = RandomNumberGenerator.GetBytes(12);
        var cipher = new byte[plain.Length];
        var tag = new byte[16];
        using (var aes = new AesGcm(_token.Key, tag.Length))
            aes.Encrypt(iv, plain, cipher, tag, Encoding.ASCII.GetBytes(header));

        // The second segment is the encrypted key: empty for dir.
        return $"{header}..{Base64Url.EncodeToString(iv)}.{Base64Url.EncodeToString(cipher)}.{Base64Url.EncodeToString(tag)}";
    }

    private byte[] Claims(DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss", _issuer);
            json.WriteString("sub", _accountId);
            json.WriteString("aud", _audience);
            json.WriteNumber("exp", _expiry.ToUnixTimeSeconds());
            json.WriteNumber("nbf", now.ToUnixTimeSeconds());
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteString("jti", Guid.NewGuid());
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
