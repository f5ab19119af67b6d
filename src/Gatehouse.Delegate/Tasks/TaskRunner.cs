using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>The way of one task: take it, run it, deliver its output, then its answer, and leave nothing behind.</summary>
internal sealed partial class TaskRunner(
    DelegateClient client, TaskLogs logs, IReadOnlyList<ITaskExecutor> executors, string folderRoot, DelegateMetrics metrics, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>An acquire whose answer was lost is asked again for this long; the same instance gets the same task again.</summary>
    private static readonly TimeSpan s_acquirePatience = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _giveUp = new();

    /// <summary>Fixed for the life of the process: what makes acquiring repeatable (protocol sheet §6.3).</summary>
    internal string InstanceId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The types that are run here.</summary>
    internal IReadOnlyList<string> TaskTypes => [.. executors.Select(executor => executor.TaskType)];

    /// <summary>Stops all attempts to deliver.</summary>
    internal void GiveUpDelivering() => _giveUp.Cancel();

    /// <inheritdoc />
    public void Dispose() => _giveUp.Dispose();

    /// <summary>Runs one. False when it was not ours to run.</summary>
    internal async Task<bool> RunAsync(string delegateId, string taskId, CancellationToken abort)
    {
        var package = await AcquireAsync(delegateId, taskId);
        if (package is null || package.Id != taskId || package.Delegate?.InstanceId != InstanceId)
            return false;
        Log.Started(log, taskId, package.Type);
        var start = time.GetTimestamp();
        metrics.Started();
        var outcome = Failed(package, "The delegate broke off.");
        try
        {
            outcome = await ExecuteAsync(delegateId, package, abort);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            outcome = Failed(package, $"The task's folder under {folderRoot} cannot be used: {failure.Message}");
            Log.FolderFailed(log, taskId, failure.Message);
        }
        catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
        {
            outcome = Failed(package, "The delegate stopped.");
        }
        finally
        {
            metrics.Ended(package.Type, time.GetElapsedTime(start), outcome.IsOk, outcome.TimedOut);
        }

        var isDelivered = await DeliverAsync(delegateId, package, outcome);
        Log.Ended(log, taskId, outcome.IsOk ? "OK" : "FAILED", time.GetElapsedTime(start).TotalSeconds, isDelivered ? "" : " Its answer was not delivered.");
        return true;
    }

    private async Task<TaskOutcome> ExecuteAsync(string delegateId, DelegateTaskPackage package, CancellationToken abort)
    {
        if (executors.FirstOrDefault(executor => executor.TaskType == package.Type) is not { } executor)
            return Failed(package, $"This delegate does not run tasks of the type {package.Type}.");
        var (secrets, problem) = TaskSecrets.Read(package);
        if (secrets is null)
            return Failed(package, problem!);
        using var folder = new TaskFolder(folderRoot, package.Id, log);

        // The log may be delivered after the folder has gone: an open file outlives its name.
        var spool = new OutputSpool(folder.Output, time);
        var running = logs.Begin(delegateId, package, Limit(package), spool);
        var output = new TaskOutput(spool, secrets.Patterns);
        var sender = new OutputSender(client, delegateId, package.Id, spool, new RetryPace(Random.Shared), time, log);
        var sending = sender.RunAsync(_giveUp.Token);
        try
        {
            return secrets.Apply(await executor.RunAsync(new TaskAssignment(delegateId, package, Limit(package), folder, output, secrets), abort));
        }
        finally
        {
            // All of the output comes before the answer: the answer ends the task for everybody who reads along.
            output.Complete();
            try
            {
                await sending;
            }
            finally
            {
                await logs.EndAsync(running);
            }
        }
    }

    private async Task<bool> DeliverAsync(string delegateId, DelegateTaskPackage package, TaskOutcome outcome)
    {
        try
        {
            return await new ResponseSender(client, new RetryPace(Random.Shared), time, log).SendAsync(delegateId, package, outcome, _giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<DelegateTaskPackage?> AcquireAsync(string delegateId, string taskId)
    {
        var pace = new RetryPace(Random.Shared);
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await client.AcquireAsync(delegateId, taskId, InstanceId, _giveUp.Token);
            }
            catch (Exception failure) when (failure is ConnectionFailedException or RequestRefusedException && time.GetElapsedTime(start) < s_acquirePatience)
            {
                Log.AcquireFailed(log, taskId, failure.Message);
                await Task.Delay(pace.Next(failure), time, _giveUp.Token);
            }
            catch (Exception failure) when (failure is ConnectionFailedException or RequestRefusedException or OperationCanceledException)
            {
                return null;
            }
        }
    }

    private static TimeSpan Limit(DelegateTaskPackage package)
    {
        if (package.Timeout <= 0)
            return Limits.DefaultTaskTimeout;
        return package.Timeout >= Limits.MaxTaskTimeout.TotalMilliseconds ? Limits.MaxTaskTimeout : TimeSpan.FromMilliseconds(package.Timeout);
    }

    private static TaskOutcome Failed(DelegateTaskPackage package, string reason) => package.Type == Contracts.Tasks.TaskTypes.HttpCall
        ? TaskOutcome.Of(new HttpCallResult(null, Error: reason), isOk: false)
        : TaskOutcome.Of(new ShellScriptResult(null, Error: reason));

    private static partial class Log
    {
        [LoggerMessage(8240, LogLevel.Information, "Task {TaskId} ({Type}) started.")]
        public static partial void Started(ILogger log, string taskId, string type);

        [LoggerMessage(8241, LogLevel.Information, "Task {TaskId} ended {Code} after {Seconds:0.00} s.{Note}")]
        public static partial void Ended(ILogger log, string taskId, string code, double seconds, string note);

        [LoggerMessage(8242, LogLevel.Warning, "Task {TaskId} could not be taken yet: {Reason}")]
        public static partial void AcquireFailed(ILogger log, string taskId, string reason);

        [LoggerMessage(8243, LogLevel.Error, "Task {TaskId}: its folder cannot be used: {Reason}")]
        public static partial void FolderFailed(ILogger log, string taskId, string reason);
    }
}
