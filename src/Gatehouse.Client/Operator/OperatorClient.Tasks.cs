using Gatehouse.Contracts;

namespace Gatehouse.Client.Operator;

public sealed partial class OperatorClient
{
    /// <summary>Queues a task. Never repeated by itself: when the connection breaks it is not known whether the task exists.</summary>
    public Task<TaskView> RunTaskAsync(string accountId, RunTaskRequest request, CancellationToken cancellationToken) =>
        Post(Path(Routes.Operator.Tasks, accountId), request, ContractsJson.Default.RunTaskRequest, ContractsJson.Default.TaskView, cancellationToken);

    /// <summary>The account's newest tasks.</summary>
    public Task<IReadOnlyList<TaskView>> ListTasksAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Tasks, accountId), ContractsJson.Default.IReadOnlyListTaskView, cancellationToken);

    /// <summary>One task.</summary>
    public Task<TaskView> GetTaskAsync(string accountId, string taskId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Task, accountId, taskId), ContractsJson.Default.TaskView, cancellationToken);

    /// <summary>Ends a task: a queued one at once, a running one as soon as its delegate hears of it.</summary>
    public Task<TaskView> AbortTaskAsync(string accountId, string taskId, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Post, Path(Routes.Operator.AbortTask, accountId, taskId), ContractsJson.Default.TaskView, body: null, cancellationToken);

    /// <summary>
    /// Copies a task's output as it appears, from where <paramref name="cursor"/> is, until the server ends the answer or the connection breaks. Neither says that the
    /// task is over: ask <see cref="GetTaskAsync"/>, and call again with the same cursor if it is not.
    /// </summary>
    /// <param name="accountId">The account.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="cursor">Moves with every byte copied, also when this call is cancelled or fails.</param>
    /// <param name="output">Takes the raw bytes; flushed after every piece. What it throws is passed on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task CopyTaskOutputAsync(string accountId, string taskId, TaskOutputCursor cursor, Stream output, CancellationToken cancellationToken)
    {
        var path = Query(Path(Routes.Operator.TaskOutput, accountId, taskId), ("from", Invariant(cursor.Offset)));
        using var response = await _transport.OpenStreamAsync(path, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[32 * 1024];
        while (true)
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                return;
            }

            if (read == 0)
            {
                return;
            }

            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await output.FlushAsync(cancellationToken);
            cursor.Offset += read;
        }
    }
}
