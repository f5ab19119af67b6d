using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>
/// The door of the TI service: the account of the query, then admission as everywhere behind the gateway, then the token, which must be of that account (log and TI sheet §2).
/// All that is wrong with a token is 400 there.
/// </summary>
internal sealed class TiGate(IAgentAdmission admission, TestIntelligenceOptions options, TimeProvider time) : IEndpointFilter
{
    private const string TokenHeader = "X-Harness-Token";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var account = AccountOf(http);
        if (Judge(http, account) is { } denied)
            return ValueTask.FromResult<object?>(denied);
        CheckToken(http.Request, account);
        return next(context);
    }

    /// <summary>Admission without a token, for the calls that carry the global one; null when admitted.</summary>
    public IResult? Judge(HttpContext http, string account) =>
        admission.Judge(http.Features.Get<IAgentOrigin>(), account) is { } denial ? TiAnswer.Denied(denial) : null;

    /// <exception cref="InputException">There is none, or more than one.</exception>
    public static string AccountOf(HttpContext http)
    {
        var values = http.Request.Query["accountId"];
        return values.Count == 1 && values[0] is { Length: > 0 } account
            ? account
            : throw new InputException(values.Count > 1 ? "The query names accountId more than once." : "The query has no value for accountId; add accountId=….");
    }

    /// <summary>Who may ask for tokens and clean up: a manager, with the global token.</summary>
    /// <exception cref="InputException">The token is missing or another one.</exception>
    public void CheckGlobalToken(HttpRequest request)
    {
        var sent = request.Headers[TokenHeader].ToString();
        if (sent.Length == 0)
            throw new InputException($"The header {TokenHeader} is missing; it carries the global token here.");
        if (options.GlobalToken is not { } expected || !CryptographicOperations.FixedTimeEquals(Hash(sent), Hash(expected)))
            throw new InputException($"The header {TokenHeader} is not the global token of this TI service.");
    }

    private void CheckToken(HttpRequest request, string account)
    {
        var sent = request.Headers[TokenHeader].ToString();
        if (sent.Length == 0)
        {
            throw new InputException(request.Headers.ContainsKey(HeaderNames.ApiKey)
                ? $"Personal access tokens ({HeaderNames.ApiKey}) are not known to this TI service; send a service token in the header {TokenHeader}."
                : $"The header {TokenHeader} is missing; it carries the token of the TI service.");
        }
        if (ServiceTokens.Read(options.Secret, sent, time.GetUtcNow()) is not { } token)
            throw new InputException($"The header {TokenHeader} is not a valid token of this TI service, or its time is over.");
        if (!string.Equals(token.AccountId, account, StringComparison.Ordinal))
            throw new InputException($"The header {TokenHeader} is the token of another account than the query names.");
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
