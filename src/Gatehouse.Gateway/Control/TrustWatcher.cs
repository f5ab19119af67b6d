using Gatehouse.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>
/// Keeps the <see cref="TrustIndex"/> equal to the truth: everything at start, each change as the manager publishes it, and once a second
/// whatever a lost notification left out. When the truth is out of reach it goes on with the last good snapshot, and says so.
/// </summary>
internal sealed partial class TrustWatcher(
    ITrustSource source, TrustIndex index, LiveConnections live, GatewayHealth health, TimeProvider time, ILogger<TrustWatcher> logger)
    : BackgroundService, ITrustSubscriber
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Judging ten thousand again takes its time, too, and all is to be over within a second.</summary>
    private static readonly TimeSpan s_expiryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The highest generation that the source has told us when asked. What it published may be newer: an older change may have been lost before it.</summary>
    private long _read;

    /// <summary>Loads everything before the listeners open; without trust there is nothing to serve.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        health.TrustIsCurrent(index.Current.Generation, index.Current.ByAccount.Count);
        await base.StartAsync(cancellationToken);
    }

    public ValueTask ApplyAsync(EndpointTrust change, CancellationToken cancellationToken)
    {
        index.Apply([change]);
        health.TrustIsCurrent(index.Current.Generation, index.Current.ByAccount.Count);
        return ValueTask.CompletedTask;
    }

    // Two flows: certificates end by the clock, also while the truth is waited for.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(ExpireAsync(stoppingToken), FollowAsync(stoppingToken));

    private async Task ExpireAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_expiryInterval, time);
        while (await NextTickAsync(timer, stoppingToken))
        {
            try
            {
                await live.ExpireVerdictsAsync();
            }
            catch (Exception e)
            {
                Log.ExpiryFailed(logger, e);
            }
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await NextTickAsync(timer, stoppingToken))
        {
            try
            {
                await ReadAsync(stoppingToken);
                if (health.TrustIsCurrent(index.Current.Generation, index.Current.ByAccount.Count))
                    Log.TrustIsBack(logger);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (health.TrustIsStale(e.Message))
                    Log.TrustIsStale(logger, e);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var changes = await source.ChangesSinceAsync(_read, cancellationToken);
        if (changes.Count == 0)
            return;
        index.Apply(changes);
        _read = changes.Max(change => change.Generation);
    }

    private static async ValueTask<bool> NextTickAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Error, "The trust of endpoints cannot be read; the gateway goes on with what it knew last")]
        public static partial void TrustIsStale(ILogger logger, Exception exception);

        [LoggerMessage(2303, LogLevel.Error, "Connections whose certificates ran out could not all be judged again; the next look comes in a second")]
        public static partial void ExpiryFailed(ILogger logger, Exception exception);

        [LoggerMessage(2302, LogLevel.Information, "The trust of endpoints is current again")]
        public static partial void TrustIsBack(ILogger logger);
    }
}
