using System.Buffers;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Tasks;

/// <summary>The secrets of a request, checked and in the package's form; null: it has none.</summary>
internal sealed record NewSecrets(byte[]? Json);

/// <summary>Checks the secrets that a task is to have. No sentence holds a value.</summary>
internal static class TaskSecretRequests
{
    private const int MaxNameLength = 128;

    public static Outcome<NewSecrets> Check(RunTaskRequest request)
    {
        if (request.Secrets is not { Count: > 0 } secrets)
            return new NewSecrets(null);
        if (secrets.Count > Limits.MaxTaskSecrets)
            return Invalid($"The task has {secrets.Count} secrets; {Limits.MaxTaskSecrets} is the limit.");
        foreach (var (name, value) in secrets)
        {
            if (name.Length is 0 or > MaxNameLength || name.Any(c => c == '=' || char.IsControl(c)))
                return Invalid($"A secret's name is not 1 to {MaxNameLength} characters without '=' and control characters.");
            if (request.Shell?.Environment?.ContainsKey(name) == true)
                return Invalid($"{name} is both an environment variable and a secret of the task; give it once.");
            if (value is null || value.Contains('\0') || Encoding.UTF8.GetByteCount(value) > Limits.MaxTaskSecretBytes)
                return Invalid($"The secret {name} is null, has a NUL character, or has more than {Limits.MaxTaskSecretBytes} bytes.");
            if (!CanBeMasked(value))
                return Invalid($"The secret {name} has no line of at least {Limits.MinMaskedBytes} bytes, so it could not be masked in the output. Use a longer one, or an environment variable if it is not secret.");
        }
        return new NewSecrets(Json(secrets));
    }

    private static bool CanBeMasked(string value) =>
        value.Split(['\n', '\r'], StringSplitOptions.TrimEntries).Any(line => Encoding.UTF8.GetByteCount(line) >= Limits.MinMaskedBytes);

    private static byte[] Json(IReadOnlyDictionary<string, string> secrets)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        foreach (var (name, value) in secrets)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static Fault Invalid(string message) => new(400, "invalid_task", message);
}
