using System.Text;
using System.Text.Json;

namespace Gatehouse.Client.Operator;

/// <summary>Reads the two error shapes of the operator listener: RFC 9457 problems, and the delegate protocol's wrapper on the protocol's paths (sheet §5.1).</summary>
internal static class OperatorErrors
{
    /// <summary>More of an error body than this is not looked at.</summary>
    private const int MaxBytes = 64 * 1024;

    public static async Task<OperatorApiException> ReadAsync(Uri server, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var body = await ReadBoundedAsync(response, cancellationToken);
        return FromBody(body, status) ?? new OperatorApiException(OperatorApiException.BadAnswer, Plain(server, status), status);
    }

    private static OperatorApiException? FromBody(ReadOnlyMemory<byte> body, int status)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = Contracts.Limits.MaxJsonDepth });
            return json.RootElement.ValueKind != JsonValueKind.Object ? null
                : FromWrapper(json.RootElement, status) ?? FromProblem(json.RootElement, status);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static OperatorApiException? FromWrapper(JsonElement root, int status)
    {
        if (!root.TryGetProperty("responseMessages", out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var message in messages.EnumerateArray())
        {
            if (Text(message, "message") is { Length: > 0 } text)
            {
                return new OperatorApiException(Text(message, "code") ?? OperatorApiException.BadAnswer, text, status);
            }
        }

        return null;
    }

    private static OperatorApiException? FromProblem(JsonElement root, int status)
    {
        var told = Text(root, "detail") ?? Text(root, "title");
        if (told is null)
        {
            return null;
        }

        var message = new StringBuilder(told);
        if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object)
        {
            foreach (var error in errors.EnumerateObject().Where(error => error.Value.ValueKind == JsonValueKind.Array))
            {
                foreach (var text in error.Value.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String && !told.Contains(text.GetString()!, StringComparison.Ordinal)))
                {
                    message.Append(' ').Append(error.Name).Append(": ").Append(text.GetString());
                }
            }
        }

        return new OperatorApiException(Text(root, "code") ?? OperatorApiException.BadAnswer, message.ToString(), status);
    }

    private static string Plain(Uri server, int status) => status switch
    {
        401 or 403 => $"{server} did not accept the API key. Give the right one with --api-key-file or GATEHOUSE_API_KEY; 'gatehouse serve' prints where the first one is.",
        404 => $"{server} does not know this call. Is it a Gatehouse operator address, and of the same version?",
        _ => $"{server} answered with status {status} and no explanation. Its log tells more.",
    };

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static async Task<ReadOnlyMemory<byte>> ReadBoundedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer.AsMemory(0, length);
    }
}
