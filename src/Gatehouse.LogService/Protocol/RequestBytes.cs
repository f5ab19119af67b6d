using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.LogService.Protocol;

/// <summary>How much of a body is taken.</summary>
internal static class RequestBytes
{
    /// <summary>Lets the server read up to <paramref name="limit"/> bytes; it answers 413 to more.</summary>
    public static void Allow(HttpContext context, long limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
    }
}
