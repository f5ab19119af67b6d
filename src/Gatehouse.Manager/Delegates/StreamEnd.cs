using System.Net.WebSockets;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Delegates;

/// <summary>How a stream ends: last frames, then the close frame with a code in its reason, so that the other end can say why.</summary>
internal sealed record StreamEnd(IReadOnlyList<byte[]> Frames, WebSocketCloseStatus Status, string Reason)
{
    /// <summary>A plain end: nothing is wrong with the delegate.</summary>
    public static StreamEnd Plain(WebSocketCloseStatus status, string reason) => new([], status, reason);

    /// <summary>Refused: the message object alone, as upstream's stream sends it (protocol sheet §3.4), then close 1008 (RFC 6455 §7.4.1).</summary>
    public static StreamEnd Of(Fault fault) =>
        new([MessageFrame(fault)], WebSocketCloseStatus.PolicyViolation, fault.Refusal?.Code.Name() ?? fault.Code);

    public static StreamEnd Of(Refusal refusal) => Of(Fault.Refused(refusal));

    /// <summary>Its token was revoked: existing delegates stop for good on this frame (protocol sheet §4.4).</summary>
    public static StreamEnd TokenRevoked(string delegateId, string tokenName) => SelfDestruct(
        delegateId, Fault.Of(ProtocolErrorCode.RevokedToken, $"The delegate token '{tokenName}' was revoked. Give the delegate another token of the account."));

    public static StreamEnd AccountDeleted(string accountId) => new(
        [MessageFrame(Fault.Of(ProtocolErrorCode.AccountDoesNotExist, $"The account '{accountId}' was deleted."))],
        WebSocketCloseStatus.PolicyViolation, ProtocolErrorCode.AccountDoesNotExist);

    private static StreamEnd SelfDestruct(string delegateId, Fault fault) => new(
        [MessageFrame(fault), [.. "[SELF_DESTRUCT]"u8, .. System.Text.Encoding.UTF8.GetBytes(delegateId)]],
        WebSocketCloseStatus.PolicyViolation, fault.Code);

    private static byte[] MessageFrame(Fault fault) => JsonSerializer.SerializeToUtf8Bytes(fault.Message(), ContractsJson.Default.ResponseMessage);
}
