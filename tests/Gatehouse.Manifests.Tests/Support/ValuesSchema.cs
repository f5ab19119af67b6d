using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gatehouse.Manifests.Tests.Support;

/// <summary>The words of JSON Schema that the chart's schema uses. Another word in it is an error: nothing is passed over.</summary>
internal sealed class ValuesSchema(string text)
{
    private readonly JsonObject _root = JsonNode.Parse(text)!.AsObject();

    /// <summary>The keys that may be there, with those of objects within: <c>mTLS.secretName</c>.</summary>
    public IEnumerable<string> Keys => KeysOf(_root, "");

    /// <summary>Where values are not as they must be.</summary>
    public List<string> Problems(JsonNode? values)
    {
        var problems = new List<string>();
        Check(_root, values, "", problems);
        return problems;
    }

    private IEnumerable<string> KeysOf(JsonObject schema, string prefix) => Resolve(schema)["properties"] is not JsonObject properties
        ? [prefix.TrimEnd('.')]
        : properties.SelectMany(one => KeysOf(one.Value!.AsObject(), $"{prefix}{one.Key}."));

    private JsonObject Resolve(JsonObject schema) =>
        schema["$ref"] is { } reference ? _root["definitions"]![reference.ToString()["#/definitions/".Length..]]!.AsObject() : schema;

    private void Check(JsonObject schema, JsonNode? value, string path, List<string> problems)
    {
        schema = Resolve(schema);
        foreach (var (word, told) in schema)
        {
            var isRight = word switch
            {
                "$schema" or "description" or "definitions" or "properties" or "items" => true,
                "type" => told!.ToString() == Kind(value),
                "additionalProperties" => value is not JsonObject map || map.All(one => schema["properties"]![one.Key] is not null),
                "required" => value is not JsonObject map || told!.AsArray().All(key => map.ContainsKey(key!.ToString())),
                "pattern" => Regex.IsMatch(value!.ToString(), told!.ToString(), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)),
                "enum" => told!.AsArray().Any(one => JsonNode.DeepEquals(one, value)),
                "minLength" => value!.ToString().Length >= (int)told!,
                "maxLength" => value!.ToString().Length <= (int)told!,
                "minimum" => (long)value! >= (long)told!,
                "maximum" => (long)value! <= (long)told!,
                "not" => new List<string>() is var inner && Count(told!.AsObject(), value, inner) > 0,
                _ => throw new InvalidOperationException($"'{word}' is not known here."),
            };
            if (!isRight)
            {
                problems.Add($"{path.TrimEnd('.')}: {word} {told!.ToJsonString()}");
                if (word == "type")
                {
                    return;
                }
            }
        }

        foreach (var (key, inner) in value as JsonObject ?? [])
        {
            if (schema["properties"]?[key] is JsonObject property)
            {
                Check(property, inner, $"{path}{key}.", problems);
            }
        }

        foreach (var item in schema["items"] is null ? [] : value!.AsArray())
        {
            Check(schema["items"]!.AsObject(), item, path, problems);
        }
    }

    private int Count(JsonObject schema, JsonNode? value, List<string> problems)
    {
        Check(schema, value, "", problems);
        return problems.Count;
    }

    private static string Kind(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.ToJsonString().Contains('.', StringComparison.Ordinal) ? "number" : "integer",
        _ => "null",
    };
}
