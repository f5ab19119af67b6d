using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>One request and its answer on one connection to a service.</summary>
internal sealed class Exchange(HttpContext context, UpstreamPool pool, UpstreamConnection connection, AgentConnection client, ForwardedIdentity identity)
{
    /// <summary>Interim answers before the final one.</summary>
    private const int MaxInterim = 16;

    private int _scanned, _interim;
    private bool _isLast;

    /// <summary>Runs it. False when the connection had ended before the service can have seen the request, which may be sent again.</summary>
    /// <exception cref="UpstreamException">The service failed.</exception>
    /// <exception cref="BadHttpRequestException">The client's request is broken.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> RunAsync(RequestTarget target)
    {
        var reusable = false;
        var aborted = context.RequestAborted.UnsafeRegister(static state => ((UpstreamConnection)state!).Abort(ForwardFailure.ClientGone), connection);
        try
        {
            var body = RequestBody.Of(context.Request);
            RequestHead.Write(connection.Output, context.Request, target, body, client, identity);
            body.TakeWhatIsHere(connection.Output);
            try
            {
                await connection.SendAsync(connection.Output.Written);
                // Here and not in a method of its own: nearly every request waits at this place, and only here.
                while (body.IsSent && !TryReadHead(body))
                {
                    await connection.ReadableAsync();
                    if (!connection.Receive())
                        throw new UpstreamException(ForwardFailure.Broken, "the connection ended before the answer");
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or UpstreamException)
            {
                var failure = e as UpstreamException ?? connection.Failed(e);
                if (failure.Failure == ForwardFailure.Broken && connection.IsReused && !connection.HasAnswered && !body.IsTouched && IsIdempotent(context.Request.Method))
                    return false;
                throw failure;
            }
            _isLast = body.IsSent && WantsTheEnd(context.Request);
            reusable = body.IsSent ? await RelayAsync() : await WithBodyAsync(body) && body.IsSent;
            return true;
        }
        finally
        {
            // A callback that runs now may cut the connection at any moment.
            if (aborted.Unregister() && reusable)
                pool.Return(connection);
            else
                pool.Drop(connection);
        }
    }

    // Both directions at once: a service may answer before it has read everything, or while it reads.
    private async ValueTask<bool> WithBodyAsync(RequestBody body)
    {
        var sending = SendBodyAsync(body);
        var reusable = false;
        try
        {
            await ReadHeadAsync(body);
            reusable = await RelayAsync();
        }
        finally
        {
            if (!sending.IsCompleted)
            {
                body.Stop();
                connection.Abort(ForwardFailure.Broken);
            }
            await sending;
        }
        return reusable;
    }

    private async Task SendBodyAsync(RequestBody body)
    {
        try
        {
            await body.SendAsync(connection, context);
        }
        catch
        {
            // A part of a body is no body.
            connection.Abort(ForwardFailure.ClientGone);
            throw;
        }
    }

    private async ValueTask ReadHeadAsync(RequestBody body)
    {
        while (!TryReadHead(body))
        {
            if (!await connection.ReceiveAsync())
                throw new UpstreamException(ForwardFailure.Broken, "the connection ended before the answer");
        }
    }

    // Reads interim answers and the final one; false when more has to come.
    private bool TryReadHead(RequestBody body)
    {
        while (true)
        {
            var unread = connection.Unread.Span;
            var end = unread[_scanned..].IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                _scanned = Math.Max(0, unread.Length - 3);
                return unread.Length < ResponseHead.MaxBytes ? false : throw new UpstreamException(ForwardFailure.BadAnswer, "a head that is too long");
            }
            var length = _scanned + end + 4;
            _scanned = 0;
            connection.Head.Read(unread[..length]);
            connection.Consume(length);
            if (connection.Head.Status >= 200)
                return true;
            if (connection.Head.Status == StatusCodes.Status101SwitchingProtocols || ++_interim > MaxInterim)
                throw new UpstreamException(ForwardFailure.BadAnswer, "an interim answer that nobody asked for");
            if (connection.Head.Status == StatusCodes.Status100Continue)
                body.Wanted();
        }
    }

    // HTTP/2's last data carries the end of the stream, when the host sends both; flushed before, they are two frames in two packets.
    private bool EndsWithData => HttpProtocol.IsHttp2(context.Request.Protocol);

    // The HTTP server closes behind this answer, and has nothing left to read: one packet instead of three.
    private void BeforeTheEnd()
    {
        if (_isLast)
            client.ExpectEnd();
    }

    private static bool WantsTheEnd(HttpRequest request) =>
        HttpProtocol.IsHttp11(request.Protocol) && request.Headers.Connection is [{ } only] && only.Equals("close", StringComparison.OrdinalIgnoreCase);

    // Returns whether the connection can be used again.
    private async ValueTask<bool> RelayAsync()
    {
        var head = connection.Head;
        var response = context.Response;
        ResponseHeaders.Copy(head, response);
        var keepsAlive = head.KeepsAlive;
        if (head.ContentLength is 0)
            BeforeTheEnd();
        if (HttpMethods.IsHead(context.Request.Method) || head.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            BeforeTheEnd();
            return keepsAlive && !MayHaveBody(head) && connection.Unread.IsEmpty;
        }
        if (head.IsChunked)
            await RelayChunkedAsync(response.BodyWriter);
        else if (head.ContentLength is { } length)
            await RelayAsync(response.BodyWriter, length);
        else
        {
            keepsAlive = false;
            await RelayAsync(response.BodyWriter, null);
        }
        return keepsAlive && connection.Unread.IsEmpty;
    }

    // Of statuses that have none by definition: a service that announces one may send it later, when the connection is another request's.
    private static bool MayHaveBody(ResponseHead head) => head.Status switch
    {
        StatusCodes.Status204NoContent => head.ContentLength > 0 || head.IsChunked,
        StatusCodes.Status205ResetContent => head.ContentLength != 0,
        _ => false,
    };

    // Of known length, or up to the connection's end.
    private async ValueTask RelayAsync(PipeWriter output, long? length)
    {
        var onThread = new ThreadShare(context);
        var left = length ?? long.MaxValue;
        while (left > 0)
        {
            if (connection.Unread.IsEmpty && !await ReceiveBodyAsync(output))
            {
                if (length is null)
                    return;
                throw new UpstreamException(ForwardFailure.Broken, "the body ended too early");
            }
            var piece = connection.Unread;
            if (piece.Length > left)
                piece = piece[..(int)left];
            left -= piece.Length;
            if (left == 0)
                BeforeTheEnd();
            if (left == 0 && EndsWithData)
                output.Write(piece.Span);
            else
                Check(await output.WriteAsync(piece));
            connection.Consume(piece.Length);
            connection.Touch();
            if (onThread.IsUsedUp(piece.Length))
                await onThread.LeaveAsync();
        }
    }

    private async ValueTask RelayChunkedAsync(PipeWriter output)
    {
        var onThread = new ThreadShare(context);
        var chunks = new ChunkedDecoder();
        while (true)
        {
            if (connection.Unread.IsEmpty && !await ReceiveBodyAsync(output))
                throw new UpstreamException(ForwardFailure.Broken, "the body ended too early");
            var taken = Decode(ref chunks, output);
            if (chunks.IsDone)
                BeforeTheEnd();
            if (taken > 0 && !(chunks.IsDone && EndsWithData))
                Check(await output.FlushAsync());
            connection.Touch();
            if (chunks.IsDone)
                return;
            if (onThread.IsUsedUp(taken))
                await onThread.LeaveAsync();
        }
    }

    // All that is here; the buffer is empty after it, or the body at its end.
    private int Decode(ref ChunkedDecoder chunks, PipeWriter output)
    {
        var taken = 0;
        while (!connection.Unread.IsEmpty && !chunks.IsDone)
        {
            var piece = chunks.Next(connection.Unread.Span, out var consumed);
            if (piece.Length > 0)
                output.Write(piece);
            taken += piece.Length;
            connection.Consume(consumed);
        }
        return taken;
    }

    // The head goes to the client before we wait: events may come much later.
    private async ValueTask<bool> ReceiveBodyAsync(PipeWriter output)
    {
        var receiving = connection.ReceiveAsync();
        if (!receiving.IsCompleted && !context.Response.HasStarted)
            Check(await output.FlushAsync());
        return await receiving;
    }

    private static void Check(FlushResult flushed)
    {
        if (flushed.IsCompleted || flushed.IsCanceled)
            throw new UpstreamException(ForwardFailure.ClientGone, "the client is gone");
    }

    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
