using System.IO.Pipelines;
using System.Net.Security;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Gateway;

/// <summary>
/// Answers the first request of a refused client with 403 and the reason, then ends the connection. It parses no more of HTTP than it
/// must: where the first request's head ends. Bounded in bytes and time.
/// </summary>
internal static class RefusalResponder
{
    /// <summary>Read and thrown away after the answer, so that a client in mid-upload gets the answer and not a reset.</summary>
    private const int MaxDrainBytes = 1024 * 1024;

    /// <summary>Answers and returns; never throws for what the peer does.</summary>
    public static async Task RespondAsync(TlsConnection tls, Refusal refusal, TimeSpan limit, TimeProvider time, CancellationToken connectionClosed)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connectionClosed);
        var body = JsonSerializer.SerializeToUtf8Bytes(RefusalBody.Of(refusal), ContractsJson.Default.RefusalBody);
        var pipe = tls.Transport;
        try
        {
            var http2 = tls.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span);
            var answered = http2
                ? await Http2Refusal.AnswerAsync(pipe, refusal.Code, body, cancel.Token)
                : await Http1Refusal.AnswerAsync(pipe, refusal.Code, body, cancel.Token);
            if (!answered)
                return;
            // The answer says so: a client that reads to the end is not to wait for it. In HTTP/2 the end is a frame of its own.
            if (!http2)
                await tls.EndOutputAsync();
            await DrainAsync(pipe.Input, cancel.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ConnectionAbortedException)
        {
            // Gone, or too slow: it is refused all the same, and the refusal was reported before.
        }
    }

    private static async Task DrainAsync(PipeReader input, CancellationToken cancellationToken)
    {
        long drained = 0;
        while (drained < MaxDrainBytes)
        {
            var result = await input.ReadAsync(cancellationToken);
            drained += result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }
}
