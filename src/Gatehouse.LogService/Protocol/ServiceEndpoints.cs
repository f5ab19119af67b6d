using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.LogService.Protocol;

/// <summary>What is asked of the service itself (sheet §2, §4): tokens, health, and where delegates try to leave their own log.</summary>
internal sealed class ServiceEndpoints(
    IAgentAdmission admission, LogServiceOptions options, ILiveStore streams, IBlobStore blobs, BlobRemover remover, TimeProvider time)
{
    public void MapPublic(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => LogAnswers.Text("OK"));
        routes.MapGet("/ready/healthz", (Delegate)ReadyAsync);
        routes.MapGet("/token", (Delegate)Token);
        // Delegates ping without an account, and every three seconds until they are told yes (sheet §8).
        routes.MapDelete("/internal/blob", (Delegate)DeleteByPrefix);
        routes.MapGet("/stackdriver", () => LogAnswers.Text("true"));
    }

    public static void MapAccount(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/stackdriver", (Delegate)SwallowAsync);
        routes.MapPost("/rca", () => LogAnswers.Error(StatusCodes.Status404NotFound,
            "Root cause analysis is not configured on this server; the log itself is at GET /blob."));
    }

    /// <summary>True when the request carries the service's own token; compared in constant time.</summary>
    public bool HasGlobalToken(HttpRequest request) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers[LogGate.Token].ToString())), SHA256.HashData(Encoding.UTF8.GetBytes(options.GlobalToken)));

    private IResult Token(HttpContext context)
    {
        if (LogGate.AccountOf(context) is not { } account)
            return LogAnswers.Error(StatusCodes.Status400BadRequest, "The query names no account, or more than one; add accountID once.");
        if (admission.Judge(context.Features.Get<IAgentOrigin>(), account) is { } denial)
            return LogAnswers.Denied(denial);
        if (!HasGlobalToken(context.Request))
            return LogAnswers.Error(StatusCodes.Status400BadRequest, $"The header {LogGate.Token} is missing or is not this service's own token.");
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers.CacheControl = "no-store";
        return LogAnswers.Text(ServiceTokens.Mint(options.Secret, account, time.GetUtcNow() + ServiceTokens.Lifetime));
    }

    /// <summary>For the platform's own clean-up: answered at once, done in the background (sheet §4).</summary>
    private IResult DeleteByPrefix(HttpContext context)
    {
        if (LogGate.AccountOf(context) is not { } account)
            return LogAnswers.Error(StatusCodes.Status400BadRequest, "The query names no account, or more than one; add accountID once.");
        if (admission.Judge(context.Features.Get<IAgentOrigin>(), account) is { } denial)
            return LogAnswers.Denied(denial);
        var prefix = context.Request.Query["key"].ToString();
        if (!HasGlobalToken(context.Request) || prefix.Length == 0)
            return LogAnswers.Error(StatusCodes.Status400BadRequest, $"The header {LogGate.Token} is not this service's own token, or the query names no key.");
        return remover.Start(new StreamId(account, prefix))
            ? TypedResults.NoContent()
            : LogAnswers.Error(StatusCodes.Status500InternalServerError, "Too many deletions wait already; ask again later.");
    }

    private async Task<IResult> ReadyAsync(HttpContext context)
    {
        try
        {
            await streams.CheckAsync(context.RequestAborted);
            await blobs.CheckAsync(context.RequestAborted);
            return LogAnswers.Text("OK");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return LogAnswers.Error(StatusCodes.Status500InternalServerError, "The log service cannot use its store now; its log says why.");
        }
    }

    /// <summary>A delegate's own process log: taken, so that it stops trying, and not kept.</summary>
    private static async Task<IResult> SwallowAsync(HttpContext context)
    {
        if (LogCaller.Of(context).Key.Length == 0)
            return LogAnswers.Error(StatusCodes.Status400BadRequest, "The query names no key.");
        RequestBytes.Allow(context, LogLimits.MaxWriteBytes);
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        return TypedResults.Ok();
    }
}
