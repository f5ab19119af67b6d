using System.Globalization;
using System.Text;
using System.Text.Json;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.IntegrationTests;

/// <summary>Tasks for the worker: one that writes lines the whole time, followed live in the log, and short ones one after the other; the output of each must have arrived whole, at both places.</summary>
internal sealed class RotationTasks(OperatorClient operations, string account)
{
    private const int ShortLines = 8;
    private readonly Lock _lock = new();
    private readonly List<string> _faults = [];
    private int _whole, _lines;

    internal TaskSums Sums
    {
        get
        {
            lock (_lock)
                return new(_whole, _lines, [.. _faults]);
        }
    }

    /// <summary>Short ones, until it is to stop; the last is waited for.</summary>
    internal async Task RunShortAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var expected = string.Concat(Enumerable.Range(1, ShortLines).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i}\n")));
            var task = await StartAsync($"for i in $(seq {ShortLines}); do echo \"line $i\"; sleep 0.3; done", TimeSpan.FromMinutes(2));
            await EndAsync(task);
            await JudgeAsync(task, expected, await LogAsync(task.Id, follow: false));
        }
    }

    /// <summary>A line twice a second for the whole time; its log is read as it is written.</summary>
    internal async Task RunLongAsync()
    {
        const int Lines = RotationRun.Rotations * 5 * 2;
        var task = await StartAsync($"for i in $(seq {Lines}); do echo \"tick $i\"; sleep 0.48; done", TimeSpan.FromMinutes(5));
        var log = await LogAsync(task.Id, follow: true);
        await EndAsync(task);
        await JudgeAsync(task, string.Concat(Enumerable.Range(1, Lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"tick {i}\n"))), log);
    }

    private Task<TaskView> StartAsync(string script, TimeSpan limit) => operations.RunTaskAsync(
        account, new RunTaskRequest { Shell = new ShellScriptTask(script), Selectors = ["worker"], TimeoutMs = (long)limit.TotalMilliseconds }, CancellationToken.None);

    private async Task EndAsync(TaskView task)
    {
        while (!(task = await operations.GetTaskAsync(account, task.Id, CancellationToken.None)).IsFinished)
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        if (task.Status != "SUCCEEDED")
            Fault($"{task.Id} {task.Status}: {task.Error} {task.Result}");
    }

    private async Task JudgeAsync(TaskView task, string expected, string log)
    {
        using var output = new MemoryStream();
        await operations.CopyTaskOutputAsync(account, task.Id, new TaskOutputCursor(), output, CancellationToken.None);
        var text = Encoding.UTF8.GetString(output.ToArray());
        if (text != expected)
            Fault($"Output of {task.Id}:\n{text}");
        else if (log != expected)
            Fault($"Log of {task.Id}:\n{log}");
        else
            Count(expected.Count(c => c == '\n'));
    }

    /// <summary>The log's text; while it is written when it is to be followed.</summary>
    private async Task<string> LogAsync(string taskId, bool follow)
    {
        var text = new StringBuilder();
        var cursor = new LogCursor();
        for (var tries = 0; tries < 100; tries++)
        {
            try
            {
                await operations.ReadLogAsync(account, $"accountId:{account}/taskId:{taskId}", follow, cursor, line =>
                {
                    using var json = JsonDocument.Parse(line);
                    text.Append(json.RootElement.GetProperty("out").GetString());
                    return Task.CompletedTask;
                }, CancellationToken.None);
                if (cursor.End != LogEnd.Broken)
                    return text.ToString();
            }
            catch (OperatorApiException)
            {
                // Not opened yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        return $"no log of {taskId}; so far: {text}";
    }

    private void Fault(string fault)
    {
        lock (_lock)
            _faults.Add(fault);
    }

    private void Count(int lines)
    {
        lock (_lock)
            (_whole, _lines) = (_whole + 1, _lines + lines);
    }
}

/// <summary>What came of the tasks.</summary>
internal sealed record TaskSums(int Whole, int Lines, IReadOnlyList<string> Faults);
