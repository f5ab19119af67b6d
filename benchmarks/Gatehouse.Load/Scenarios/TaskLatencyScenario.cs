using System.Globalization;
using System.Text;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Load;

/// <summary>Time from queue to running script, and the memory of an idle server and delegate.</summary>
internal sealed record TaskResult
{
    public required int Tasks { get; init; }
    public required double P50Milliseconds { get; init; }
    public required double P99Milliseconds { get; init; }
    public required double LowestMilliseconds { get; init; }
    public required double HighestMilliseconds { get; init; }

    /// <summary>RSS of the server with every role, before anything connects.</summary>
    public required double ServerMiB { get; init; }

    /// <summary>RSS of the same server while one delegate is connected and idle.</summary>
    public required double ServerWithDelegateMiB { get; init; }

    /// <summary>RSS of the delegate, registered, its stream open, before its first task.</summary>
    public required double DelegateMiB { get; init; }
}

/// <summary>A real server and a real delegate over mTLS. Both clocks are the same machine's.</summary>
internal static class TaskLatencyScenario
{
    public static async Task<TaskResult> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (plan, account) = (context.Plan, context.Certificates.Accounts[0]);
        await using var server = await GatehouseProcess.StartAsync(context, context.NewFolder(), manager: null, settings: null, cancellationToken);
        await server.CreateAsync(account, cancellationToken);
        await Task.Delay(plan.IdleSettle, cancellationToken);
        var serverAlone = ProcessTree.ResidentKiB(server.Id) / 1024.0;

        await using var delegateProcess = await DelegateProcess.StartAsync(context, server, account, cancellationToken);
        await Task.Delay(plan.IdleSettle, cancellationToken);
        var delegateIdle = ProcessTree.ResidentKiB(delegateProcess.Id) / 1024.0;
        var serverWithDelegate = ProcessTree.ResidentKiB(server.Id) / 1024.0;

        for (var i = 0; i < plan.WarmUpTasks; i++)
            await OneAsync(server, account, cancellationToken);
        var milliseconds = new List<double>(plan.Tasks);
        for (var i = 0; i < plan.Tasks; i++)
            milliseconds.Add(await OneAsync(server, account, cancellationToken));

        // A task that came by polling would make the figure one of the poll interval.
        await DelegateProcess.RequireStreamAsync(server, account, cancellationToken);
        return new TaskResult
        {
            Tasks = plan.Tasks,
            P50Milliseconds = Spread.Percentile(milliseconds, 0.50),
            P99Milliseconds = Spread.Percentile(milliseconds, 0.99),
            LowestMilliseconds = milliseconds.Min(),
            HighestMilliseconds = milliseconds.Max(),
            ServerMiB = serverAlone,
            ServerWithDelegateMiB = serverWithDelegate,
            DelegateMiB = delegateIdle,
        };
    }

    private static async Task<double> OneAsync(GatehouseProcess server, BenchAccount account, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var request = new RunTaskRequest { Shell = new ShellScriptTask("date +%s%N") };
        var before = TimeProvider.System.GetUtcNow();
        var task = await server.Operator.RunTaskAsync(account.Id, request, limit.Token);

        using var output = new MemoryStream();
        var cursor = new TaskOutputCursor();
        while (!task.IsFinished)
        {
            await server.Operator.CopyTaskOutputAsync(account.Id, task.Id, cursor, output, limit.Token);
            task = await server.Operator.GetTaskAsync(account.Id, task.Id, limit.Token);
            if (!task.IsFinished)
                await Task.Delay(5, limit.Token);
        }
        // The output may have grown between its end and the task's.
        await server.Operator.CopyTaskOutputAsync(account.Id, task.Id, cursor, output, limit.Token);
        var printed = Encoding.ASCII.GetString(output.ToArray()).Trim();
        if (task.Status != "SUCCEEDED" || !long.TryParse(printed, CultureInfo.InvariantCulture, out var nanoseconds))
            throw new BenchFailedException($"Task {task.Id} ended {task.Status} with the output '{printed}' {task.Error}");
        var started = (nanoseconds / 1_000_000.0) - ((before - DateTimeOffset.UnixEpoch).Ticks / (double)TimeSpan.TicksPerMillisecond);
        return started > 0 ? started : throw new BenchFailedException($"Task {task.Id} began {-started:0.000} ms before it was queued: the clock was set during the run.");
    }
}
