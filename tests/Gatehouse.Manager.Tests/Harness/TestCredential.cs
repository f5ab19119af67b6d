using Jose;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>Credentials made by an independent library.</summary>
internal static class TestCredential
{
    public static string Make(string tokenHex, string? account, DateTimeOffset now, TimeSpan? lifetime = null, Action<Dictionary<string, object>>? change = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = "host-1",
            ["aud"] = new[] { "audience" },
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + (lifetime ?? TimeSpan.FromMinutes(30))).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
        };
        if (account is not null)
            claims["sub"] = account;
        change?.Invoke(claims);
        return JWT.Encode(claims, Convert.FromHexString(tokenHex), JweAlgorithm.DIR, JweEncryption.A128GCM);
    }
}
