using System.Collections.Immutable;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Tasks;

/// <summary>A request for a task, checked and ready to be stored.</summary>
internal sealed record NewTask(string Type, byte[] Data, string[] Selectors, TimeSpan Timeout, bool RunnerResponse, byte[]? Secrets)
{
    public ImmutableArray<string> NormalizedSelectors => TaskRequests.Normalize(Selectors);
}

/// <summary>Checks what an operator asks for.</summary>
internal static class TaskRequests
{
    private const int MaxSelectors = 64;
    private const int MaxSelectorLength = 128;
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    public static Outcome<NewTask> Check(RunTaskRequest request)
    {
        var kinds = (request.Shell is null ? 0 : 1) + (request.Http is null ? 0 : 1) + (request.Type is null ? 0 : 1);
        if (kinds != 1 || (request.Type is null) != (request.Data is null))
            return Invalid("Give exactly one of shell, http, or type together with data.");
        // Absent is null here: source-generated readers do not run the initialisers of init-only properties.
        var selectors = request.Selectors ?? [];
        if (selectors.Count > MaxSelectors ||
            selectors.Any(text => string.IsNullOrWhiteSpace(text) || text.Length > MaxSelectorLength || text.Any(char.IsControl)))
            return Invalid($"Selectors are at most {MaxSelectors} texts of 1 to {MaxSelectorLength} characters.");
        if (request.TimeoutMs is { } ms && (ms < s_shortest.TotalMilliseconds || ms > Limits.MaxTaskTimeout.TotalMilliseconds))
            return Invalid($"The time limit is {ms} ms; it must be between {s_shortest.TotalMilliseconds} and {Limits.MaxTaskTimeout.TotalMilliseconds} ms.");
        var timeout = request.TimeoutMs is { } limit ? TimeSpan.FromMilliseconds(limit) : Limits.DefaultTaskTimeout;

        if (!TaskSecretRequests.Check(request).Succeeded(out var secrets, out var wrong))
            return wrong;

        string type;
        byte[] data;
        if (request.Shell is { } shell)
        {
            if (string.IsNullOrWhiteSpace(shell.Script) || shell.Script.Contains('\0'))
                return Invalid("The script is empty or has a NUL character.");
            if (shell.Environment?.Any(pair => pair.Key.Length == 0 || pair.Key.AsSpan().ContainsAny("=\0") || pair.Value is null || pair.Value.Contains('\0')) == true)
                return Invalid("An environment variable's name is empty or has '=' in it, or a value is null or has a NUL character.");
            (type, data) = (TaskTypes.ShellScript, JsonSerializer.SerializeToUtf8Bytes(shell, ContractsJson.Default.ShellScriptTask));
        }
        else if (request.Http is { } http)
        {
            if (!Uri.TryCreate(http.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                return Invalid($"The address '{Bounded.Text(http.Url ?? "", 200)}' is not an absolute http or https URL.");
            (type, data) = (TaskTypes.HttpCall, JsonSerializer.SerializeToUtf8Bytes(http, ContractsJson.Default.HttpCallTask));
        }
        else
        {
            if (request.Type!.Length is 0 or > 128 || request.Type.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')))
                return Invalid("The task type is not 1 to 128 letters, digits, '_', '-' and '.'.");
            if (request.Data!.Value.ValueKind != JsonValueKind.Object)
                return Invalid("The task's data is not a JSON object.");
            (type, data) = (request.Type, JsonSerializer.SerializeToUtf8Bytes(request.Data.Value, ContractsJson.Default.JsonElement));
        }
        return new NewTask(type, data, [.. selectors], timeout, request.RunnerResponse, secrets.Json);
    }

    /// <summary>As selectors are compared: trimmed, lower-cased, each once (protocol sheet §6.2).</summary>
    public static ImmutableArray<string> Normalize(IEnumerable<string> selectors) =>
        [.. selectors.Select(text => text.Trim().ToLowerInvariant()).Distinct(StringComparer.Ordinal)];

    private static Fault Invalid(string message) => new(400, "invalid_task", message);
}
