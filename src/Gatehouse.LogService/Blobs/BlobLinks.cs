using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.LogService.Protocol;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService.Blobs;

/// <summary>
/// Links to one blob for one purpose and one hour, on the host the caller came through: an agent's way out stays one name, and admission is asked
/// again when the link is used. The signature is over purpose, account, key and expiry, each with its length, under a key of its own.
/// </summary>
internal sealed class BlobLinks(LogServiceOptions options, TimeProvider time)
{
    public const string Upload = "upload", Download = "download";

    /// <summary>How long a link is good (sheet §4).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly byte[] _key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Secret), "gatehouse log service links"u8);

    /// <summary>A link, good for <paramref name="lifetime"/> or <see cref="Lifetime"/>.</summary>
    public string Make(string purpose, IAgentOrigin origin, StreamId id, TimeSpan? lifetime = null)
    {
        var expires = (time.GetUtcNow() + (lifetime ?? Lifetime)).ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture,
            $"https://{origin.HostAndPort}/log-service/blob/{purpose}?accountID={Uri.EscapeDataString(id.Account)}&key={Uri.EscapeDataString(id.Key)}&expires={expires}&signature={Sign(purpose, id, expires)}");
    }

    /// <summary>The blob that a request's link is for; null when the link is not ours, is another purpose's, or is over.</summary>
    public StreamId? Read(string purpose, HttpContext context)
    {
        var query = context.Request.Query;
        if (LogGate.AccountOf(context) is not { } account || !long.TryParse(query["expires"], NumberStyles.None, CultureInfo.InvariantCulture, out var expires))
            return null;
        var id = new StreamId(account, query["key"].ToString());
        var isGood = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(purpose, id, expires)), Encoding.UTF8.GetBytes(query["signature"].ToString()));
        return isGood && expires > time.GetUtcNow().ToUnixTimeSeconds() ? id : null;
    }

    private string Sign(string purpose, StreamId id, long expires) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{purpose.Length}:{purpose}{id.Account.Length}:{id.Account}{id.Key.Length}:{id.Key}{expires}"))));
}
