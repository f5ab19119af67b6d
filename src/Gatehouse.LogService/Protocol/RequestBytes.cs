using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.LogService.Protocol;

/// <summary>Bodies as raw bytes, whatever content type they come with or without (sheet §8).</summary>
internal static class RequestBytes
{
    /// <summary>Lets the server read up to <paramref name="limit"/> bytes; it answers 413 to more.</summary>
    public static void Allow(HttpContext context, long limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
    }

    /// <summary>The whole body.</summary>
    /// <exception cref="BadHttpRequestException">It is larger than <paramref name="limit"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, int limit)
    {
        Allow(context, limit);
        if (context.Request.ContentLength is { } length and >= 0 && length <= limit)
        {
            var exact = new byte[length];
            await context.Request.Body.ReadExactlyAsync(exact, context.RequestAborted);
            return exact;
        }
        var pipe = context.Request.BodyReader;
        while (true)
        {
            var result = await pipe.ReadAsync(context.RequestAborted);
            if (result.IsCompleted || result.Buffer.Length > limit)
            {
                var bytes = result.Buffer.Length <= limit ? result.Buffer.ToArray() : throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
                pipe.AdvanceTo(result.Buffer.End);
                return bytes;
            }
            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
