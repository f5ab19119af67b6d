using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;

namespace Gatehouse.Client;

/// <summary>
/// Reads any answer that is not a success into <see cref="RequestRefusedException"/>: our refusal body, the delegate protocol's wrapper
/// (protocol sheet §5.1), the services' <c>error_msg</c> (log and TI sheet §4, §7), an RFC 9457 problem, or whatever a proxy in between says. Never throws for what the peer sent.
/// </summary>
public static class RefusalReader
{
    /// <summary>Reads the answer.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="headers">Answer headers; <c>Gatehouse-Refusal</c> and <c>X-Harness-Error</c> are looked at.</param>
    /// <param name="body">The body as received, possibly cut.</param>
    public static RequestRefusedException Read(HttpStatusCode status, HttpResponseHeaders headers, ReadOnlySpan<byte> body)
    {
        var ofHeader = Header(headers, HeaderNames.GatehouseRefusal) ?? Header(headers, HeaderNames.HarnessError);
        var parts = ReadJson(body);
        var code = PeerText.Clean(Header(headers, HeaderNames.GatehouseRefusal) ?? parts.Code ?? ofHeader ?? $"HTTP_{(int)status}", 80);
        var message = PeerText.Clean(parts.Message);
        if (message.Length == 0)
            message = $"The answer was HTTP {(int)status} ({status}) without a reason that can be read{Excerpt(body)}.";
        var nextStep = PeerText.Clean(parts.NextStep);
        return new RequestRefusedException(code, message, nextStep.Length > 0 ? nextStep : NextSteps.For(code), status);
    }

    /// <summary>Words a refusal that came as a frame or closing of the stream.</summary>
    public static RequestRefusedException Read(string code, string? message, string? nextStep)
    {
        var name = PeerText.Clean(code, 80);
        var step = PeerText.Clean(nextStep);
        var text = PeerText.Clean(message);
        return new RequestRefusedException(name, text.Length > 0 ? text : "The manager gave no reason.", step.Length > 0 ? step : NextSteps.For(name));
    }

    private static (string? Code, string? Message, string? NextStep) ReadJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Limits.MaxJsonDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return default;

            // Ours first: its wrapper messages repeat it for delegates that know only the wrapper.
            if (Text(root, "code") is { } code && Text(root, "message") is { } message)
                return (code, message, Text(root, "nextStep"));
            if (Text(root, "error_msg") is { } sentence)
                return (Text(root, "code"), sentence, Text(root, "next_step") ?? Text(root, "nextStep"));
            if (Text(root, "detail") is { } detail)
                return (Text(root, "code") ?? Text(root, "title"), detail, Text(root, "nextStep"));
            if (!root.TryGetProperty("responseMessages", out var messages) || messages.ValueKind != JsonValueKind.Array)
                return default;

            // The status is that of the last message (sheet §5.1).
            (string?, string?, string?) found = default;
            foreach (var entry in messages.EnumerateArray())
            {
                if (entry.ValueKind == JsonValueKind.Object)
                    found = (Text(entry, "code"), Text(entry, "message"), null);
            }

            return found;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static string Excerpt(ReadOnlySpan<byte> body)
    {
        var text = PeerText.Clean(Encoding.UTF8.GetString(body[..Math.Min(body.Length, 400)]), 160);
        return text.Length == 0 ? "" : $": “{text}”";
    }
}
