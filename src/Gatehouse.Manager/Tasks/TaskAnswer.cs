using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Tasks;

/// <summary>How a delegate says a task ended.</summary>
internal enum TaskVerdict
{
    Succeeded,
    Failed,

    /// <summary>This delegate cannot; another may.</summary>
    TryAnother,
}

/// <summary>A delegate's answer, whichever of the two shapes it had (protocol sheet §6.4).</summary>
/// <param name="Verdict">The code.</param>
/// <param name="Result">Its data as JSON, or null.</param>
/// <param name="Error">Why it failed, bounded; null when it did not.</param>
internal sealed record TaskAnswer(TaskVerdict Verdict, byte[]? Result, string? Error)
{
    private const int MaxErrorLength = 2048;

    public static Outcome<TaskAnswer> Of(DelegateTaskResponse response)
    {
        var result = response.Data is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } data
            ? JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.Default.JsonElement)
            : null;
        return response.Code switch
        {
            "OK" => new TaskAnswer(TaskVerdict.Succeeded, result, null),
            "FAILED" => new TaskAnswer(TaskVerdict.Failed, result, ErrorIn(response.Data)),
            "RETRY_ON_OTHER_DELEGATE" => new TaskAnswer(TaskVerdict.TryAnother, result, ErrorIn(response.Data)),
            _ => Invalid($"The response's code '{Bounded.Text(response.Code, 64)}' is none of OK, FAILED and RETRY_ON_OTHER_DELEGATE."),
        };
    }

    public static Outcome<TaskAnswer> Of(RunnerResponse response)
    {
        JsonElement? data = null;
        if (response.Data is { Length: > 0 } bytes)
        {
            try
            {
                data = JsonSerializer.Deserialize(bytes, ContractsJson.Default.JsonElement);
            }
            catch (JsonException)
            {
                return Invalid("The response's data is not base64 of JSON.");
            }
        }
        var error = string.IsNullOrEmpty(response.Error) ? null : Bounded.Text(response.Error, MaxErrorLength);
        return response.Code switch
        {
            "OK" => new TaskAnswer(TaskVerdict.Succeeded, Again(data), null),
            "FAILED" => new TaskAnswer(TaskVerdict.Failed, Again(data), error ?? ErrorIn(data)),
            "TIMEOUT" => new TaskAnswer(TaskVerdict.Failed, Again(data), error ?? "The task ran into its time limit on the delegate."),
            "UNKNOWN" => new TaskAnswer(TaskVerdict.Failed, Again(data), error ?? "The delegate does not know how the task ended."),
            _ => Invalid($"The response's code '{Bounded.Text(response.Code, 64)}' is none of OK, FAILED, TIMEOUT and UNKNOWN."),
        };
    }

    /// <summary>Written anew, so that what is stored is JSON without the sender's white space.</summary>
    private static byte[]? Again(JsonElement? data) => data is { } element ? JsonSerializer.SerializeToUtf8Bytes(element, ContractsJson.Default.JsonElement) : null;

    /// <summary>The delegate's own words when its data has an <c>error</c>; else what its shell result tells.</summary>
    private static string ErrorIn(JsonElement? data)
    {
        if (data is { ValueKind: JsonValueKind.Object } result)
        {
            foreach (var name in (ReadOnlySpan<string>)["error", "errorMessage"])
            {
                if (result.TryGetProperty(name, out var error) && error.ValueKind == JsonValueKind.String && error.GetString() is { Length: > 0 } text)
                    return Bounded.Text(text, MaxErrorLength);
            }
            if (result.TryGetProperty("timedOut", out var timedOut) && timedOut.ValueKind == JsonValueKind.True)
                return "It was stopped at its time limit.";
            if (result.TryGetProperty("exitCode", out var exitCode) && exitCode.ValueKind == JsonValueKind.Number)
                return $"It ended with exit code {exitCode.GetRawText()}.";
        }
        return "The delegate reported that the task failed.";
    }

    private static Fault Invalid(string message) => Fault.Of(ProtocolErrorCode.InvalidRequest, message);
}
