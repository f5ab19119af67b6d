using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.Gateway;

/// <summary>The body of a request: how long it is, and its way to the service.</summary>
internal sealed class RequestBody
{
    /// <summary>Bodies up to this size go out with the head when they are here with it.</summary>
    private const int MaxWithHead = 8 * 1024;

    /// <summary>How long a client that asked for 100 (Continue) is kept waiting by a service that does not know it.</summary>
    private static readonly TimeSpan s_continueTimeout = TimeSpan.FromSeconds(1);

    private readonly PipeReader _reader;
    private readonly TaskCompletionSource<bool>? _wanted;

    private RequestBody(HttpRequest request, bool isChunked)
    {
        (_reader, IsChunked, Length) = (request.BodyReader, isChunked, isChunked ? null : request.ContentLength);
        if (request.Headers.Expect.Count > 0)
            _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private RequestBody(long? length) => (_reader, Length, IsSent) = (null!, length, true);

    private static readonly RequestBody s_none = new(null);
    private static readonly RequestBody s_empty = new(0);

    /// <summary>Its length is not known before its end.</summary>
    public bool IsChunked { get; }

    /// <summary>Null when it is chunked, or there is none.</summary>
    public long? Length { get; }

    /// <summary>All of it was sent.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Something of it was taken from the client: the request cannot be sent again.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>True when the request has one, be it empty.</summary>
    public static bool IsExpected(HttpRequest request) =>
        HttpProtocol.IsHttp11(request.Protocol)
            ? request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0
            : request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false;

    public static RequestBody Of(HttpRequest request) =>
        IsExpected(request) ? new RequestBody(request, isChunked: request.ContentLength is null)
        : request.ContentLength is 0 ? s_empty
        : s_none;

    /// <summary>Adds a short body to what goes out with the head, as far as it is here.</summary>
    public void TakeWhatIsHere(SendBuffer output)
    {
        if (IsSent || _wanted is not null || Length is not <= MaxWithHead)
            return;
        while (!IsSent && _reader.TryRead(out var read))
        {
            IsTouched = true;
            foreach (var piece in read.Buffer)
                output.Append(piece.Span);
            _reader.AdvanceTo(read.Buffer.End);
            IsSent = read.IsCompleted;
        }
    }

    /// <summary>The service asks for it (100 Continue).</summary>
    public void Wanted() => _wanted?.TrySetResult(true);

    /// <summary>The service has answered: what was not sent is not sent any more.</summary>
    public void Stop()
    {
        if (_wanted?.TrySetResult(false) != true)
            _reader.CancelPendingRead();
    }

    /// <summary>Sends it. A service that does not take it may still answer, so that is no failure here.</summary>
    /// <exception cref="BadHttpRequestException">The client sent a broken body.</exception>
    /// <exception cref="IOException">The client is gone.</exception>
    public async Task SendAsync(UpstreamConnection connection, HttpContext context)
    {
        if (_wanted is not null && !await IsWantedAsync(_wanted))
            return;
        IsTouched = true;
        var onThread = new ThreadShare(context);
        while (!IsSent)
        {
            var read = await _reader.ReadAsync();
            if (read.IsCanceled)
                return;
            try
            {
                await SendAsync(connection, read.Buffer, read.IsCompleted);
                IsSent = read.IsCompleted;
            }
            catch (UpstreamException)
            {
                return;
            }
            finally
            {
                _reader.AdvanceTo(read.Buffer.End);
            }
            if (onThread.IsUsedUp(read.Buffer.Length))
                await onThread.LeaveAsync();
        }
    }

    private static async Task<bool> IsWantedAsync(TaskCompletionSource<bool> wanted)
    {
        try
        {
            return await wanted.Task.WaitAsync(s_continueTimeout);
        }
        catch (TimeoutException)
        {
            return wanted.TrySetResult(true) || await wanted.Task;
        }
    }

    private async ValueTask SendAsync(UpstreamConnection connection, ReadOnlySequence<byte> data, bool isLast)
    {
        if (!IsChunked)
        {
            foreach (var piece in data)
                await connection.SendAsync(piece);
            return;
        }
        var output = connection.Output;
        output.Clear();
        foreach (var piece in data)
        {
            if (piece.Length > 0)
                output.AppendChunk(piece.Span);
        }
        if (isLast)
            output.Append("0\r\n\r\n"u8);
        await connection.SendAsync(output.Written);
    }
}
