using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tokens;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Protocol;

/// <summary>The door of the delegate protocol. Order (sheet §3.3, §4.3): account → mTLS verdict → token.</summary>
internal sealed class AgentGate(IAgentAdmission admission, TokenVerifier tokens) : IEndpointFilter
{
    private const string GlobalAccount = "__GLOBAL_ACCOUNT_ID__";
    private const string Scheme = "Delegate ";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!Admit(http).Succeeded(out var caller, out var fault))
            return ValueTask.FromResult<object?>(fault.ProtocolError());
        caller.AttachTo(http);
        return next(context);
    }

    private Outcome<AgentCaller> Admit(HttpContext http)
    {
        if (!AccountOf(http).Succeeded(out var accountId, out var fault))
            return fault;
        var origin = http.Features.Get<IAgentOrigin>();
        if (Judge(origin, accountId) is { } denied)
            return denied;
        if (!CredentialOf(http).Succeeded(out var credential, out fault) || !tokens.Verify(accountId, credential).Succeeded(out var token, out fault))
            return fault;
        return new AgentCaller(accountId, token, origin!);
    }

    /// <summary>Admission alone, as it is now; null when admitted. Asked again for each frame of a stream.</summary>
    public Fault? Judge(IAgentOrigin? origin, string accountId) =>
        admission.Judge(origin, accountId) is { } denial ? new Fault(denial.Status, denial.Code, denial.Message) { Refusal = denial.Refusal } : null;

    /// <summary>From the query, else from the path; never from the token, a header or the body (sheet §4.2).</summary>
    private static Outcome<string> AccountOf(HttpContext http)
    {
        var values = http.Request.Query["accountId"];
        if (values.Count > 1)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The query names accountId more than once.");
        var account = values.Count == 1 ? values[0] : http.Request.RouteValues["accountId"] as string;
        if (string.IsNullOrEmpty(account) || account == GlobalAccount)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The query names no account; add accountId.");
        if (values.Count == 1 && http.Request.RouteValues["accountId"] is string path && path != account)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The path and the query name different accounts.");
        return account;
    }

    private static Outcome<string> CredentialOf(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count == 1 && header[0] is { } text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return text[Scheme.Length..].Trim();
        // The stream's handshake of existing delegates carries it in the query (sheet §5.8).
        if (header.Count == 0 && http.WebSockets.IsWebSocketRequest && http.Request.Query["token"] is { Count: 1 } query && query[0] is { Length: > 0 } token)
            return token;
        return Fault.Of(ProtocolErrorCode.InvalidToken, "The header Authorization is missing or is not of the form 'Delegate <credential>'.");
    }
}
