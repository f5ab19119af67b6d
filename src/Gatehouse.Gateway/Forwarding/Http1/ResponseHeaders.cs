using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gatehouse.Gateway;

/// <summary>Puts the head of a service's answer on ours.</summary>
internal static class ResponseHeaders
{
    public static void Copy(ResponseHead head, HttpResponse response)
    {
        response.StatusCode = head.Status;
        if (head.Reason is { } reason && response.HttpContext.Features.Get<IHttpResponseFeature>() is { } feature)
            feature.ReasonPhrase = reason;

        try
        {
            foreach (var line in head.Lines)
            {
                if (head.IsForwarded(line))
                    Add(response.Headers, line);
            }
        }
        catch (InvalidOperationException e)
        {
            // The HTTP server has its own rules for what may stand in a header.
            throw new UpstreamException(ForwardFailure.BadAnswer, e.Message, e);
        }
        // An answer without content has no length of it (RFC 9110 §8.6).
        if (head.Status != StatusCodes.Status204NoContent && head is { ContentLength: { } length, IsChunked: false })
            response.ContentLength = length;
    }

    private static void Add(IHeaderDictionary headers, ResponseHead.Line line)
    {
        var others = headers[line.Name];
        headers[line.Name] = others.Count == 0 ? line.Value : StringValues.Concat(others, line.Value);
    }
}
