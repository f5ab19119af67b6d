using Gatehouse.Contracts;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService.Protocol;

/// <summary>A caller that passed admission and the token check.</summary>
/// <param name="Account">Of connection, query and token alike.</param>
/// <param name="Key">As decoded once; empty when the query has none (sheet §2).</param>
/// <param name="Origin">Where it came from, as the gateway verified it.</param>
internal sealed record LogCaller(string Account, string Key, IAgentOrigin Origin)
{
    private static readonly object s_key = new();

    public StreamId Id => new(Account, Key);

    /// <summary>The caller of a request behind <see cref="LogGate"/>.</summary>
    public static LogCaller Of(HttpContext context) => (LogCaller)context.Items[s_key]!;

    public void AttachTo(HttpContext context) => context.Items[s_key] = this;
}
