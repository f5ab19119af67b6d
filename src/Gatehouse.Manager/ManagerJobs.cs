using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Revocation;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.TaskOutput;
using Gatehouse.Manager.Tasks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager;

/// <summary>Everything that happens by itself, in one loop: heartbeats to disk, offers, time limits, lost delegates, ended tokens, CRLs that are due, retention.</summary>
internal sealed partial class ManagerJobs(
    PresenceWriter presence, TaskDispatcher dispatcher, TaskWatch watch, DelegateStreams streams, OutputStore outputs, Retention retention, CrlWatch crls,
    ManagerOptions options, TimeProvider time, ILogger<ManagerJobs> logger) : BackgroundService
{
    /// <summary>After a start: delegates that come back go first.</summary>
    private static readonly TimeSpan s_firstRetention = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_retentionInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_crlInterval = TimeSpan.FromMinutes(1);

    private DateTimeOffset _nextFlush;
    private DateTimeOffset _nextRetention;
    private DateTimeOffset _nextCrls;

    /// <summary>One look around. A job that fails is logged and does not keep the others from running.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await TryAsync("rebroadcast", () => Do(dispatcher.Rebroadcast), cancellationToken);
        await TryAsync("task limits", () => watch.SweepAsync(cancellationToken), cancellationToken);
        await TryAsync("streams", () => Do(streams.Sweep), cancellationToken);
        if (now >= _nextFlush)
        {
            _nextFlush = now + options.HeartbeatFlushInterval;
            await TryAsync("heartbeats", () => presence.FlushAsync(cancellationToken), cancellationToken);
        }
        if (now >= _nextCrls)
        {
            _nextCrls = now + s_crlInterval;
            await TryAsync("CRL dates", () => crls.LookAsync(cancellationToken), cancellationToken);
        }
        if (now >= _nextRetention)
        {
            _nextRetention = now + s_retentionInterval;
            await TryAsync("retention", () => retention.SweepAsync(cancellationToken), cancellationToken);
            await TryAsync("output logs", () => Do(outputs.Sweep), cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _nextRetention = time.GetUtcNow() + s_firstRetention;
        using var timer = new PeriodicTimer(options.BackgroundTick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RunOnceAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync("heartbeats", () => presence.FlushAsync(cancellationToken), cancellationToken);
    }

    private async Task TryAsync(string job, Func<Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Failed(logger, job, e);
        }
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(3070, LogLevel.Error, "The background job '{Job}' failed; it is tried again at its next turn", EventName = "JobFailed")]
        public static partial void Failed(ILogger logger, string job, Exception e);
    }
}
