using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.Manager.Protocol;

/// <summary>Reads bodies within the limits, and says in a sentence what is wrong with one that cannot be read.</summary>
internal static class RequestBody
{
    /// <summary>Reads JSON. The content type is not looked at: public clients differ (sheet §12.2).</summary>
    public static async ValueTask<Outcome<T>> ReadJsonAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        var read = await ReadBytesAsync(context, Limits.MaxRequestBodyBytes);
        if (!read.Succeeded(out var bytes, out var fault))
            return fault;
        if (bytes.Length == 0)
            return NotReadable("The request has no body; send JSON.");
        try
        {
            return JsonSerializer.Deserialize(bytes, type) is { } value ? value : NotReadable("The body is JSON null; send an object.");
        }
        catch (JsonException e)
        {
            return NotReadable(Describe(e));
        }
    }

    /// <summary>Reads at most <paramref name="limit"/> bytes; more is a fault, and nothing of it is used.</summary>
    public static async ValueTask<Outcome<byte[]>> ReadBytesAsync(HttpContext context, int limit)
    {
        // Ours is the limit that counts. With the server's lifted, it reads the rest away after our answer and the client gets to see it.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (context.Request.ContentLength > limit)
            return TooLarge(limit);

        var pipe = context.Request.BodyReader;
        while (true)
        {
            var result = await pipe.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > limit)
            {
                pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                return TooLarge(limit);
            }
            if (result.IsCompleted)
            {
                var bytes = result.Buffer.ToArray();
                pipe.AdvanceTo(result.Buffer.End);
                return bytes;
            }
            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static string Describe(JsonException e)
    {
        if (e.Message.Contains("depth", StringComparison.OrdinalIgnoreCase))
            return $"The body is nested too deeply; at most {Limits.MaxJsonDepth} levels are read.";
        if (e.Message.StartsWith("JSON deserialization for type", StringComparison.Ordinal) && e.Message.IndexOf("including: ", StringComparison.Ordinal) is > 0 and var at)
            return $"The body lacks the field {e.Message[(at + "including: ".Length)..].TrimEnd('.')}.";
        var where = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
        return e.Path is { Length: > 1 and <= 128 } path
            ? $"The body's field {path[2..]} has a value of the wrong kind{where}."
            : $"The body is not JSON of the expected form{where}.";
    }

    private static Fault NotReadable(string message) => Fault.Of(ProtocolErrorCode.InvalidRequest, message);

    private static Fault TooLarge(int limit) =>
        new(StatusCodes.Status413PayloadTooLarge, ProtocolErrorCode.InvalidRequest, $"The body is larger than {limit} bytes, which is the limit here.");
}
