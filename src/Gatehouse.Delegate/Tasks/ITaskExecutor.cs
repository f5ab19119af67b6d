using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate;

/// <summary>Runs tasks of one type.</summary>
internal interface ITaskExecutor
{
    /// <summary>The type.</summary>
    string TaskType { get; }

    /// <summary>Runs to the end, whatever the end is; throws for nothing that the task can bring about.</summary>
    Task<TaskOutcome> RunAsync(TaskAssignment assignment, CancellationToken abort);
}

/// <summary>A task that is ours to run.</summary>
/// <param name="DelegateId">The id under which it was taken, which must answer it.</param>
/// <param name="Package">What to do.</param>
/// <param name="Limit">Its time limit.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Output">Where its output goes.</param>
/// <param name="Secrets">What is masked in it.</param>
internal sealed record TaskAssignment(string DelegateId, DelegateTaskPackage Package, TimeSpan Limit, TaskFolder Folder, TaskOutput Output, TaskSecrets Secrets);
