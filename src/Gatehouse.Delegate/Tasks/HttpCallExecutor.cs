using System.ComponentModel;
using System.Text.Json;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>Makes an HTTP call in a child process of its own: what the other side sends is parsed there, and its time limit is a kill like any other.</summary>
internal sealed class HttpCallExecutor(TaskProcess process, TaskEnvironment environment, DelegateSettings settings, ClientIdentity identity) : ITaskExecutor
{
    private const int MaxResultBytes = 1024 * 1024;

    public string TaskType => TaskTypes.HttpCall;

    public async Task<TaskOutcome> RunAsync(TaskAssignment assignment, CancellationToken abort)
    {
        var (call, problem) = Parse(assignment.Package.Data);
        if (call is null)
            return Failed(problem);
        var (variables, wrong) = environment.For(assignment.Package, assignment.DelegateId, assignment.Folder, null);
        if (variables is null)
            return Failed(wrong);
        var input = new HttpCallOrder(call, identity.Material.Trust.ExportPem(), settings.CaBundleDirectory, settings.Proxy?.Origin, settings.Proxy?.Bypass);
        using var result = new MemoryStream();
        try
        {
            var end = await process.RunAsync(
                new TaskCommand
                {
                    Arguments = [.. Programs.Self, "worker", "http-call"],
                    WorkingDirectory = assignment.Folder.Work,
                    Environment = variables,
                    Input = JsonSerializer.SerializeToUtf8Bytes(input, WorkerJson.Default.HttpCallOrder),
                    JoinErrors = false,
                },
                assignment.Limit, bytes => Keep(result, bytes), abort);
            return Conclude(call, end, result);
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            return Failed($"The call could not be started: {failure.Message}");
        }
    }

    private static TaskOutcome Conclude(HttpCallTask call, ProcessEnd end, MemoryStream output)
    {
        if (end.TimedOut)
            return TaskOutcome.Of(new HttpCallResult(null, Error: $"{call.Url} gave no answer within the task's time limit."), isOk: false, timedOut: true);
        if (end.Aborted)
            return Failed("The call was stopped on request.");
        try
        {
            var result = JsonSerializer.Deserialize(output.GetBuffer().AsSpan(0, (int)output.Length), ContractsJson.Default.HttpCallResult)!;
            var isOk = result.Error is null && (call.ExpectedStatus is null || call.ExpectedStatus == result.StatusCode);
            return TaskOutcome.Of(
                isOk || result.Error is not null ? result : result with { Error = $"The answer was HTTP {result.StatusCode}, and {call.ExpectedStatus} was expected." }, isOk);
        }
        catch (JsonException)
        {
            return Failed($"The call's process ended with code {end.ExitCode} and without a result.");
        }
    }

    private static void Keep(MemoryStream result, ReadOnlyMemory<byte> bytes)
    {
        if (result.Length + bytes.Length <= MaxResultBytes)
            result.Write(bytes.Span);
    }

    private static (HttpCallTask? Call, string? Problem) Parse(JsonElement data)
    {
        try
        {
            var call = data.Deserialize(ContractsJson.Default.HttpCallTask);
            return call is { Url: not null } && Uri.TryCreate(call.Url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? (call, null)
                : (null, $"The task's url is “{call?.Url}”: it must be an absolute http or https address.");
        }
        catch (JsonException)
        {
            return (null, "The task's data is not what an HTTP_CALL task holds: an object with url, method, headers, body and expectedStatus.");
        }
    }

    private static TaskOutcome Failed(string? problem) => TaskOutcome.Of(new HttpCallResult(null, Error: problem), isOk: false);
}
