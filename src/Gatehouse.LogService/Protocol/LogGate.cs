using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService.Protocol;

/// <summary>
/// The door of account routes. Order: account of the query (sheet §2) → admission, as at the manager → token, which must be of the same account.
/// The sheet's ways in by a platform's permissions and API keys lead to a platform that is not here: they are refused.
/// </summary>
internal sealed class LogGate(IAgentAdmission admission, IBlobStore blobs, RefusedUploads refused, LogServiceOptions options, TimeProvider time) : IEndpointFilter
{
    /// <summary>Header, and name in the query for browsers' <c>EventSource</c>, which can set none.</summary>
    public const string Token = "X-Harness-Token";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var origin = http.Features.Get<IAgentOrigin>();
        string? admitted = null;
        if (AccountOf(http) is not { } account)
            return Refuse("account", StatusCodes.Status400BadRequest, "The query names no account, or more than one; add accountID once.");
        if (admission.Judge(origin, account) is { } denial)
            return Answer("admission", LogAnswers.Denied(denial));
        admitted = account;
        if (http.Request.Headers.ContainsKey("x-api-key"))
            return Refuse("token", StatusCodes.Status403Forbidden, $"API keys are not accepted here; present a service token in {Token}.");
        if (TokenOf(http.Request) is not { Length: > 0 } token)
            return Refuse("token", StatusCodes.Status400BadRequest, $"The request has no token; present one in {Token}.");
        if (ServiceTokens.Read(options.Secret, token, time.GetUtcNow())?.AccountId != account)
            return Refuse("token", StatusCodes.Status403Forbidden, "The token is not valid, is over, or is another account's. A task that starts now is given a new one.");
        var key = http.Request.Query["key"].ToString();
        // Now, and not when the stream is closed and has nowhere to go.
        if (!blobs.Takes(new StreamId(account, key)))
            return Refuse("key", StatusCodes.Status400BadRequest, "The key is longer than logs can be kept under.");
        new LogCaller(account, key, origin!).AttachTo(http);
        return next(context);

        ValueTask<object?> Refuse(string reason, int status, string message) => Answer(reason, LogAnswers.Error(status, message));

        ValueTask<object?> Answer(string reason, IResult answer)
        {
            if (UploadRoute.Is(http))
                refused.Add(reason, admitted, origin?.RemoteAddress);
            return ValueTask.FromResult<object?>(answer);
        }
    }

    /// <summary>The one account that the query names; null: none, or several.</summary>
    public static string? AccountOf(HttpContext http) => http.Request.Query["accountID"] is [{ Length: > 0 } account] ? account : null;

    private static string TokenOf(HttpRequest request) =>
        request.Headers[Token].ToString() is { Length: > 0 } header ? header : request.Query[Token].ToString();
}
