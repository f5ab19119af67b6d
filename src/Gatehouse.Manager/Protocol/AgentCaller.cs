using Gatehouse.Contracts;
using Gatehouse.Manager.Tokens;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Protocol;

/// <summary>A caller of the delegate protocol that passed admission and the token check.</summary>
/// <param name="AccountId">The account it speaks for.</param>
/// <param name="Token">The delegate token its credential was made with.</param>
/// <param name="Origin">Where it came from, as the gateway verified it.</param>
internal sealed record AgentCaller(string AccountId, TokenEntry Token, IAgentOrigin Origin)
{
    private static readonly object s_key = new();

    public bool Mtls => !string.IsNullOrEmpty(Origin.Authority);

    /// <summary>The caller of a request behind <see cref="AgentGate"/>.</summary>
    public static AgentCaller Of(HttpContext context) => (AgentCaller)context.Items[s_key]!;

    public void AttachTo(HttpContext context) => context.Items[s_key] = this;
}
