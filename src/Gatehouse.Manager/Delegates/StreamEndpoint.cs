using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Tasks;
using Gatehouse.Manager.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Delegates;

/// <summary>
/// The stream (protocol sheet §5.8). Admission and token are checked on the handshake and again on every frame; the stream ends, and says why,
/// when either does not hold any more, or when the gateway takes the connection's trust back.
/// </summary>
internal sealed class StreamEndpoint(
    AgentGate gate, TokenVerifier tokens, DelegateService service, DelegateDirectory delegates, TaskDispatcher dispatcher, TimeProvider time)
{
    private const int MaxFrameBytes = 64 * 1024;

    private static readonly WebSocketAcceptContext s_accept = new()
    {
        // Finds peers that went without a word: a ping each 15 s, and 20 s to answer it.
        KeepAliveInterval = TimeSpan.FromSeconds(15),
        KeepAliveTimeout = TimeSpan.FromSeconds(20),
    };

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Routes.Agent.Stream, (Delegate)OpenAsync);

    private async Task<IResult> OpenAsync(HttpContext context)
    {
        var caller = AgentCaller.Of(context);
        if (!context.WebSockets.IsWebSocketRequest)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The stream is a websocket; this request is none.").ProtocolError();
        var delegateId = context.Request.Query["delegateId"].ToString();
        if (delegates.Find(caller.AccountId, delegateId) is not { } state)
            return TaskService.NotRegistered(delegateId).ProtocolError();

        using var socket = await context.WebSockets.AcceptWebSocketAsync(s_accept);
        using var stream = new DelegateStream(socket, caller.Token);
        state.Attach(stream)?.End(StreamEnd.Plain(WebSocketCloseStatus.PolicyViolation, "replaced by a newer stream"));
        using var revoked = caller.Origin.Revoked.UnsafeRegister(_ => stream.End(EndOf(caller)), null);
        service.Heartbeat(caller, new DelegateParams { DelegateId = delegateId });
        var sending = stream.SendAsync();
        try
        {
            // What changed between the handshake's check and the attaching is seen here; what changes later ends the stream.
            if (gate.Judge(caller.Origin, caller.AccountId) is { } fault)
                stream.End(StreamEnd.Of(fault));
            else if (caller.Token.EndedAt(time.GetUtcNow()) is not null)
                stream.End(StreamEnd.TokenRevoked(state.Id, caller.Token.Name));
            dispatcher.Greet(state, stream);
            await ReceiveAsync(socket, stream, caller, state, context.RequestAborted);
        }
        finally
        {
            stream.End(StreamEnd.Plain(WebSocketCloseStatus.NormalClosure, "closed"));
            if (state.Detach(stream))
                state.StreamLost = true;
            await sending;
        }
        return Results.Empty;
    }

    private async Task ReceiveAsync(WebSocket socket, DelegateStream stream, AgentCaller caller, DelegateState state, CancellationToken aborted)
    {
        using var receiving = CancellationTokenSource.CreateLinkedTokenSource(aborted, stream.Cut);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxFrameBytes);
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == MaxFrameBytes)
                    {
                        stream.End(StreamEnd.Plain(WebSocketCloseStatus.MessageTooBig, $"a frame has more than {MaxFrameBytes} bytes"));
                        length = 0; // Read on to the other end's good-bye.
                    }
                    part = await socket.ReceiveAsync(buffer.AsMemory(length, MaxFrameBytes - length), receiving.Token);
                    length += part.Count;
                }
                while (!part.EndOfMessage && part.MessageType != WebSocketMessageType.Close);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                if (!stream.HasEnded && Answer(buffer.AsSpan(0, length), stream, caller, state) is { } fault)
                    stream.End(StreamEnd.Of(fault));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // Ended by us and cut, or the peer went.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true); // Frames carry credentials.
        }
    }

    /// <summary>A frame is a heartbeat with a fresh credential. Upstream checks that only when it is there; here it must be there.</summary>
    private Fault? Answer(ReadOnlySpan<byte> frame, DelegateStream stream, AgentCaller caller, DelegateState state)
    {
        if (gate.Judge(caller.Origin, caller.AccountId) is { } refused)
            return refused;
        DelegateParams? body;
        try
        {
            body = JsonSerializer.Deserialize(frame, ContractsJson.Default.DelegateParams);
        }
        catch (JsonException)
        {
            body = null;
        }
        if (body is null)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The frame is not JSON of the expected form.");
        if (string.IsNullOrEmpty(body.Token))
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The frame has no credential; each must carry one in its field 'token'.");
        if (!tokens.Verify(caller.AccountId, body.Token).Succeeded(out var token, out var fault))
            return fault;
        if (body.DelegateId != state.Id)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The frame names another delegate than the stream.");
        if (!service.Heartbeat(caller with { Token = token }, body).Succeeded(out var beat, out fault))
            return fault;
        stream.TrySend(JsonSerializer.SerializeToUtf8Bytes(
            new DelegateHeartbeatFrame
            {
                DelegateId = state.Id,
                Status = beat.State is null ? DelegateService.Deleted : DelegateService.Enabled,
                ResponseSentAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
            }, ContractsJson.Default.DelegateHeartbeatFrame));
        return null;
    }

    private static StreamEnd EndOf(AgentCaller caller) => caller.Origin.RevokedBecause is { } refusal
        ? StreamEnd.Of(refusal)
        : StreamEnd.Plain(WebSocketCloseStatus.PolicyViolation, "the connection is no longer trusted");
}
