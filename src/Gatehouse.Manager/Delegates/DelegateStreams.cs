using System.Net.WebSockets;
using Gatehouse.Manager.Tokens;

namespace Gatehouse.Manager.Delegates;

/// <summary>Ends open streams when their ground is gone.</summary>
internal sealed class DelegateStreams(DelegateDirectory delegates, TokenRegistry tokens, ManagerOptions options, TimeProvider time)
{
    /// <summary>The token was revoked: its delegates are told so, and closed.</summary>
    public void EndOfToken(TokenEntry token)
    {
        foreach (var state in delegates.Of(token.AccountId))
        {
            if (state.Stream is { } stream && stream.Token == token)
                stream.End(StreamEnd.TokenRevoked(state.Id, token.Name));
        }
    }

    /// <summary>Looks around once: tokens that ended by themselves, delegates that fell silent behind an open socket.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var token in tokens.All.Where(token => token.RevokeAfter is not null && token.EndedAt(now) is not null))
            EndOfToken(token);
        foreach (var state in delegates.All)
        {
            if (state.Stream is { } stream && now - state.LastHeartbeat > options.ConnectedWithin)
                stream.End(StreamEnd.Plain(WebSocketCloseStatus.PolicyViolation, "no heartbeat"));
        }
    }

    /// <summary>The server stops: delegates come back to whoever listens next.</summary>
    public void EndAll()
    {
        foreach (var state in delegates.All)
            state.Stream?.End(StreamEnd.Plain(WebSocketCloseStatus.EndpointUnavailable, "the server stops"));
    }
}
