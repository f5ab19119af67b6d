using Gatehouse.TestIntelligence.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gatehouse.TestIntelligence;

/// <summary>Prepares the database before anything listens, and keeps the retention.</summary>
internal sealed partial class TiJobs(TiDatabase database, TiRetention retention, TestIntelligenceOptions options, TimeProvider time, ILogger<TiJobs> logger)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        database.Prepare();
        // Left over from a crash: nobody is going to send the rest.
        if (Directory.Exists(options.SpoolFolder))
            Directory.Delete(options.SpoolFolder, recursive: true);
        await retention.DeleteLeftoversAsync(cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            do
            {
                await SweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await retention.SweepAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6020, LogLevel.Error, "Deleting old reports failed; it is tried again in an hour", EventName = "TiRetentionFailed")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
