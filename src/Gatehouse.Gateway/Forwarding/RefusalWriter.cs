using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>Answers one request with its refusal.</summary>
internal static class RefusalWriter
{
    /// <summary>Writes the answer and lets the connection end after it.</summary>
    public static async Task WriteAsync(HttpContext context, Refusal refusal)
    {
        var response = context.Response;
        response.StatusCode = StatusOf(refusal.Code, context);
        response.ContentType = "application/json";
        response.Headers[HeaderNames.GatehouseRefusal] = refusal.Code.Name();
        response.Headers[HeaderNames.HarnessError] = ProtocolErrorCode.InvalidAgentMtlsAuthority;
        response.Headers.CacheControl = "no-store";
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
            response.Headers.Connection = "close";
        else
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(RefusalBody.Of(refusal), ContractsJson.Default.RefusalBody), context.RequestAborted);
    }

    // 401 is what the protocol answers where the account is STRICT and the way in is not mTLS (sheet §3.4); 421 asks the client for a
    // connection of the other name (RFC 9110 §15.5.20), which helps only when that name is served here.
    private static int StatusOf(RefusalCode code, HttpContext context) => code switch
    {
        RefusalCode.MtlsRequired => StatusCodes.Status401Unauthorized,
        RefusalCode.HostMismatch => context.Items.ContainsKey(HostIsServed) ? StatusCodes.Status421MisdirectedRequest : StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status403Forbidden,
    };

    /// <summary>Item of the request: the mismatched host is another one of ours.</summary>
    public static readonly object HostIsServed = new();
}
