using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>What came of a task.</summary>
/// <param name="IsOk">Done as asked.</param>
/// <param name="Data">The result record of its type.</param>
/// <param name="TimedOut">Ended at its time limit.</param>
/// <param name="Error">A sentence when it could not be run.</param>
internal sealed record TaskOutcome(bool IsOk, JsonElement Data, bool TimedOut = false, string? Error = null)
{
    internal static TaskOutcome Of(ShellScriptResult result) => new(
        result is { ExitCode: 0, TimedOut: false, Aborted: false, Error: null },
        JsonSerializer.SerializeToElement(result, ContractsJson.Default.ShellScriptResult), result.TimedOut, result.Error);

    internal static TaskOutcome Of(RunTestsResult result) => new(
        result is { ExitCode: 0, TimedOut: false, Aborted: false, Error: null },
        JsonSerializer.SerializeToElement(result, ContractsJson.Default.RunTestsResult), result.TimedOut, result.Error);

    internal static TaskOutcome Of(HttpCallResult result, bool isOk, bool timedOut = false) => new(
        isOk, JsonSerializer.SerializeToElement(result, ContractsJson.Default.HttpCallResult), timedOut, result.Error);
}
