using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Cli.Commands;

/// <summary>
/// One task from queue to exit code. The connection to the server may break at any time: output is taken up again at the byte where it ended.
/// Ctrl-C aborts the task and waits for its end; a second Ctrl-C ends this program alone.
/// </summary>
internal sealed class TaskRun
{
    /// <summary>How long the server may be away before giving up on it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>How long a script may take to die after an abort.</summary>
    private static readonly TimeSpan s_abortPatience = TimeSpan.FromSeconds(30);

    /// <summary>Between looks while the server answers, and while it does not.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_awayPause = TimeSpan.FromMilliseconds(500);

    private readonly Invocation _call;
    private readonly string _account;
    private readonly string _taskId;
    private readonly Stream _output;
    private readonly TaskOutputCursor _cursor = new();
    private long? _awaySince;

    private TaskRun(Invocation call, string account, string taskId, Stream output)
    {
        (_call, _account, _taskId, _output) = (call, account, taskId, output);
    }

    /// <summary>Runs it and returns the program's exit code.</summary>
    public static async Task<int> RunAsync(Invocation call, string account, RunTaskRequest request, CancellationToken cancellationToken)
    {
        var task = await call.Client.RunTaskAsync(account, request, cancellationToken);
        // As JSON, stdout is the finished task and nothing else: the script's output goes to stderr.
        await using var output = call.Json ? Console.OpenStandardError() : Console.OpenStandardOutput();
        var run = new TaskRun(call, account, task.Id, output);
        task = await run.FollowAsync(cancellationToken);
        if (call.Json)
        {
            call.Print(task, ContractsJson.Default.TaskView, _ => { });
        }

        return run.Conclude(task);
    }

    private async Task<TaskView> FollowAsync(CancellationToken interrupted)
    {
        try
        {
            return await FollowToEndAsync(interrupted);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            _call.Say($"Aborting task {_taskId}. Ctrl-C again leaves it to the server.");
        }

        using var limit = new CancellationTokenSource(s_abortPatience, _call.Time);
        try
        {
            await _call.Client.AbortTaskAsync(_account, _taskId, limit.Token);
            return await FollowToEndAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw CliException.Failed($"Task {_taskId} was told to end and has not ended within {Words.Span(s_abortPatience)}. 'gatehouse task show {_taskId} --account {_account}' tells how it goes on.");
        }
    }

    private async Task<TaskView> FollowToEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _call.Client.CopyTaskOutputAsync(_account, _taskId, _cursor, _output, cancellationToken);
                var task = await _call.Client.GetTaskAsync(_account, _taskId, cancellationToken);
                if (_awaySince is not null)
                {
                    _awaySince = null;
                    _call.Say("The server is back.");
                }

                if (task.IsFinished && (task.OutputBytes <= _cursor.Offset || !await HasMoreAsync(cancellationToken)))
                {
                    return task;
                }
            }
            catch (OperatorApiException e) when (e.IsTransient)
            {
                WaitOrGiveUp(e);
            }

            await Task.Delay(_awaySince is null ? s_pause : s_awayPause, _call.Time, cancellationToken);
        }
    }

    /// <summary>The task ended while its last output was on its way: one more look.</summary>
    private async Task<bool> HasMoreAsync(CancellationToken cancellationToken)
    {
        var before = _cursor.Offset;
        await _call.Client.CopyTaskOutputAsync(_account, _taskId, _cursor, _output, cancellationToken);
        return _cursor.Offset > before;
    }

    private void WaitOrGiveUp(OperatorApiException e)
    {
        if (_awaySince is not { } since)
        {
            _awaySince = _call.Time.GetTimestamp();
            _call.Say($"The connection to the server is lost; task {_taskId} goes on, and so does this command when the server is back.");
        }
        else if (_call.Time.GetElapsedTime(since) > s_patience)
        {
            throw CliException.Failed($"{e.Message} Task {_taskId} may still be running: 'gatehouse task show {_taskId} --account {_account}' tells.", e);
        }
    }

    private int Conclude(TaskView task)
    {
        if (task.OutputBytes > _cursor.Offset)
        {
            _call.Say($"The script wrote {Words.Size(task.OutputBytes)}, of which {Words.Size(_cursor.Offset)} could be fetched.");
        }

        var result = ShellResult(task);
        if (result is { ExitCode: { } exitCode, TimedOut: false, Aborted: false } && (exitCode & 0xFF) is var code && (code != 0 || task.Status == "SUCCEEDED"))
        {
            return code;
        }

        if (task.Status == "SUCCEEDED")
        {
            return ExitCodes.Done;
        }

        var why = task.Error ?? result?.Error ?? result switch
        {
            { TimedOut: true } => $"it was ended at its time limit of {Words.Span(TimeSpan.FromMilliseconds(task.TimeoutMs))}. Give it more with --timeout",
            { Aborted: true } => "it was aborted",
            _ when task.Status == "ABORTED" => "it was aborted",
            _ => "the delegate gave no reason",
        };
        _call.Say($"Task {task.Id} {task.Status}: {Safe.Line(why).TrimEnd('.')}.");
        return ExitCodes.Failed;
    }

    private static ShellScriptResult? ShellResult(TaskView task)
    {
        try
        {
            return task.Result is { ValueKind: System.Text.Json.JsonValueKind.Object } result
                ? System.Text.Json.JsonSerializer.Deserialize(result, ContractsJson.Default.ShellScriptResult)
                : null;
        }
        catch (System.Text.Json.JsonException)
        {
            // The answer of somebody else's delegate: its status stands.
            return null;
        }
    }
}
