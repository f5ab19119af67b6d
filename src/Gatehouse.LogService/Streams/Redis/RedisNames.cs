using StackExchange.Redis;

namespace Gatehouse.LogService.Streams.Redis;

/// <summary>
/// Names of an account's keys in Redis. All carry the account as their hash tag, so that in a cluster they are in one slot and a script may use
/// several of them.
/// </summary>
/// <remarks>
/// <c>open</c>: hash, key → generation of the streams that are open. <c>bytes</c>: bytes of all their lines.
/// <c>&lt;generation&gt;</c>: hash with the facts of one opening of a stream. <c>&lt;generation&gt;:lines</c>: its lines, a Redis stream.
/// </remarks>
internal readonly struct RedisNames(string account)
{
    /// <summary>All accounts' streams by the end of their lifetime, a sorted set of <see cref="DueMember"/>.</summary>
    public static readonly RedisKey Due = "gatehouse:logs:due";

    private readonly string _prefix = "gatehouse:logs:{" + Uri.EscapeDataString(account) + "}:";

    public RedisKey Open => _prefix + "open";

    public RedisKey Bytes => _prefix + "bytes";

    /// <summary>What comes before a generation; scripts put the rest together.</summary>
    public RedisValue Prefix => _prefix;

    /// <summary>The facts of a generation, and the name of the channel that tells of its changes.</summary>
    public string Facts(string generation) => _prefix + generation;

    public RedisKey Lines(string generation) => _prefix + generation + ":lines";

    /// <summary>Accounts hold no slash once they are escaped.</summary>
    public static string DueMember(StreamId id) => Uri.EscapeDataString(id.Account) + "/" + id.Key;

    public static StreamId OfDueMember(string member) =>
        new(Uri.UnescapeDataString(member[..member.IndexOf('/', StringComparison.Ordinal)]), member[(member.IndexOf('/', StringComparison.Ordinal) + 1)..]);
}
