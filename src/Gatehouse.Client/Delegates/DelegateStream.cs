using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Client;

/// <summary>
/// The open stream: frames of text both ways. One reader and one writer at a time.
/// The upgrade (RFC 6455 §4.1) is an ordinary request of the same pool and not <see cref="ClientWebSocket"/>'s, which throws away the body of a refusal, and with it the reason.
/// </summary>
public sealed class DelegateStream : IAsyncDisposable
{
    private const int MaxFrameBytes = 1024 * 1024;
    private const string AcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly DelegateCredential _credential;
    private readonly Uri _address;
    private readonly ConnectionMaterial _material;

    private DelegateStream(WebSocket socket, DelegateCredential credential, Uri address, ConnectionMaterial material)
    {
        _socket = socket;
        _credential = credential;
        _address = address;
        _material = material;
    }

    /// <summary>True when it was opened under the given certificate and server roots.</summary>
    public bool IsOf(ConnectionMaterial now) => ReferenceEquals(_material.Identity, now.Identity) && ReferenceEquals(_material.Trust, now.Trust);

    /// <summary>Why the other side closed it, in its own words; empty when it did not say.</summary>
    public string CloseReason { get; private set; } = "";

    /// <summary>The next frame as text; null when the other side closed the stream.</summary>
    /// <exception cref="ConnectionFailedException">The connection broke.</exception>
    public async Task<string?> ReceiveAsync(CancellationToken cancel)
    {
        var buffer = new byte[4096];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), cancel);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    CloseReason = PeerText.Clean(_socket.CloseStatusDescription);
                    return null;
                }

                length += part.Count;
                if (part.EndOfMessage)
                    return Encoding.UTF8.GetString(buffer, 0, length);
                if (length == MaxFrameBytes)
                    throw new WebSocketException(WebSocketError.Faulted, $"a frame is larger than {MaxFrameBytes} bytes");
                if (length == buffer.Length)
                    Array.Resize(ref buffer, Math.Min(buffer.Length * 2, MaxFrameBytes));
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException && !cancel.IsCancellationRequested)
        {
            throw new ConnectionFailedException(
                ConnectionFaultKind.Interrupted, $"The stream from {_address.GetLeftPart(UriPartial.Authority)} broke off ({PeerText.Clean(failure.Message, 200)}).", "It is opened again.", failure);
        }
    }

    /// <summary>Sends a heartbeat with a fresh credential in it.</summary>
    /// <exception cref="ConnectionFailedException">The connection broke.</exception>
    public async Task SendHeartbeatAsync(DelegateParams parameters, CancellationToken cancel)
    {
        var frame = JsonSerializer.SerializeToUtf8Bytes(parameters with { Token = _credential.Get() }, ContractsJson.Default.DelegateParams);
        try
        {
            await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancel);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or ObjectDisposedException && !cancel.IsCancellationRequested)
        {
            throw ConnectionFaults.Explain(failure, _address, _material.Identity);
        }
    }

    /// <summary>Says goodbye, with a bounded wait; what the other side had already sent can still be received.</summary>
    public async Task CloseAsync()
    {
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var limit = new CancellationTokenSource(s_closing);
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It is going away either way.
        }
    }

    /// <summary>Says goodbye and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _socket.Dispose();
    }

    internal static async Task<DelegateStream> OpenAsync(AgentTransport transport, string delegateId, string connectionId, TimeSpan limit, CancellationToken cancel)
    {
        // The credential goes in the header only: the protocol's copy in the query would end up in access logs.
        var address = transport.Manager.At(Routes.Agent.Stream, [("accountId", transport.AccountId)], [("delegateId", delegateId), ("delegateConnectionId", connectionId)]);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var material = transport.Material;
        return await transport.ExchangeAsync(
            HttpMethod.Get, address, null, delegateId,
            async (response, token) =>
            {
                if (!IsUpgrade(response, key))
                    throw new IOException("it is not an upgrade to a websocket");
                var connection = await response.Content.ReadAsStreamAsync(token);
                var socket = WebSocket.CreateFromStream(connection, new WebSocketCreationOptions { IsServer = false, KeepAliveInterval = TimeSpan.Zero });
                return new DelegateStream(socket, transport.Credential, address, material);
            },
            limit, cancel, request => Prepare(request, key));
    }

    private static void Prepare(HttpRequestMessage request, string key)
    {
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
    }

    private static bool IsUpgrade(HttpResponseMessage response, string key)
    {
#pragma warning disable CA5350 // RFC 6455 §4.2.2: proof that the other side speaks websocket, not a secret.
        var expected = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptGuid)));
#pragma warning restore CA5350
        return response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols
            && response.Headers.TryGetValues("Sec-WebSocket-Accept", out var accept) && accept.SequenceEqual([expected]);
    }
}
