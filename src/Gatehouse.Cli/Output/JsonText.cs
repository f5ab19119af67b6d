using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gatehouse.Cli.Output;

/// <summary>JSON for stdout, from the wire's own types.</summary>
internal static class JsonText
{
    // Not for HTML: quotes and non-ASCII letters stay readable. Control characters are escaped by JSON itself.
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
    private static readonly JsonWriterOptions s_line = s_indented with { Indented = false };

    public static string Indented<T>(T value, JsonTypeInfo<T> type) => Write(value, type, s_indented);

    /// <summary>One line, for streams of values (NDJSON).</summary>
    public static string Line<T>(T value, JsonTypeInfo<T> type) => Write(value, type, s_line);

    private static string Write<T>(T value, JsonTypeInfo<T> type, JsonWriterOptions options)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            JsonSerializer.SerializeToElement(value, type).WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
