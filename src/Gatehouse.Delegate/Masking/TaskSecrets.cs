using System.Buffers;
using System.Text.Json;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate;

/// <summary>The secrets of one task: they go into its environment, and nowhere else. What comes from the task passes through here first.</summary>
internal sealed class TaskSecrets
{
    /// <summary>Bytes of all names and values; what is larger is not a task's secret but its data.</summary>
    private const int MaxBytes = 1024 * 1024;

    private TaskSecrets(IReadOnlyDictionary<string, string> values, IEnumerable<string> tokens)
    {
        Values = values;
        Masked = [.. values.Values, .. tokens];
        Patterns = new SecretPatterns(Masked);
    }

    /// <summary>By name of the environment variable.</summary>
    internal IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>What is masked, as texts.</summary>
    internal IReadOnlyList<string> Masked { get; }

    /// <summary>What is masked: the values, and the tokens that steps find beside them.</summary>
    internal SecretPatterns Patterns { get; }

    /// <summary>Reads a package's.</summary>
    /// <returns>The secrets, or null and what is wrong, which never holds a value.</returns>
    internal static (TaskSecrets? Secrets, string? Problem) Read(DelegateTaskPackage package)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var bytes = 0;
        foreach (var entry in package.Secrets ?? [])
        {
            if (entry.ValueKind != JsonValueKind.Object || Text(entry, "name") is not { Length: > 0 } name || Text(entry, "value") is not { } value)
                return (null, "The task has a secret that is not an object with name and value, so it could not be kept out of the output.");
            values[name] = value;
            bytes += name.Length + value.Length;
        }

        return bytes <= MaxBytes
            ? (new TaskSecrets(values, StepServices.TokensOf(package)), null)
            : (null, $"The task's secrets have {bytes} characters; {MaxBytes} can be masked.");
    }

    /// <summary>A task's outcome without its secrets.</summary>
    internal TaskOutcome Apply(TaskOutcome outcome)
    {
        if (Patterns.IsEmpty)
            return outcome;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            Write(outcome.Data, json);
        return outcome with
        {
            Data = JsonSerializer.Deserialize(buffer.WrittenSpan, Contracts.ContractsJson.Default.JsonElement),
            Error = outcome.Error is null ? null : SecretMask.Apply(Patterns, outcome.Error),
        };
    }

    private void Write(JsonElement value, Utf8JsonWriter json)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    Write(property.Value, json);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(item, json);
                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(SecretMask.Apply(Patterns, value.GetString()!));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
