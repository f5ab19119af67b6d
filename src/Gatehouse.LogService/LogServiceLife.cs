using Gatehouse.LogService.Accounts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Downloads;
using Gatehouse.LogService.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService;

/// <summary>
/// The role's life: what the previous run had is taken over before anything listens, jobs run meanwhile, tails end before the listeners wait for
/// requests to end, and the last lines go to disk.
/// </summary>
internal sealed partial class LogServiceLife(
    ILiveStore streams, StreamCloser closer, ZipDownloads downloads, BlobRemover remover, BlobRetention retention, AccountCleanup cleanup, LogServiceOptions options, TimeProvider time, ILogger<LogServiceLife> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan s_expiryInterval = TimeSpan.FromSeconds(10), s_again = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private Task _jobs = Task.CompletedTask;

    /// <summary>Cancelled when the process is about to stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        PrivateFolder.Make(options.Directory);
        return streams.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _jobs = Task.WhenAll(
            Task.Run(() => KeepRunningAsync(streams.RunAsync), cancellationToken),
            RunAsync(s_expiryInterval, closer.CloseExpiredAsync),
            Task.Run(() => RunOnceAsync(cleanup.ResumeAsync), cancellationToken),
            Task.Run(() => RunOnceAsync(retention.RunAsync), cancellationToken),
            RunAsync(BlobRetention.Interval, retention.RunAsync),
            Task.Run(() => RunOnceAsync(downloads.RunAsync), cancellationToken),
            Task.Run(() => RunOnceAsync(remover.RunAsync), cancellationToken));
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _jobs;
        streams.Flush();
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        // Requests that the listeners waited for may have brought more.
        streams.Flush();
        return Task.CompletedTask;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(TimeSpan interval, Func<CancellationToken, Task> job)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(Stopping))
                await Task.Run(() => RunOnceAsync(job), Stopping);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task KeepRunningAsync(Func<CancellationToken, Task> job)
    {
        for (; !Stopping.IsCancellationRequested; await Task.Delay(s_again, time, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing))
            await RunOnceAsync(job);
    }

    private async Task RunOnceAsync(Func<CancellationToken, Task> job)
    {
        try
        {
            await job(Stopping);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (StoreUnavailableException)
        {
            // The store has said so itself.
        }
        catch (Exception e)
        {
            Log.JobFailed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Error, "A background job of the log service failed; it runs again at its next turn", EventName = "LogJobFailed")]
        public static partial void JobFailed(ILogger logger, Exception e);
    }
}
