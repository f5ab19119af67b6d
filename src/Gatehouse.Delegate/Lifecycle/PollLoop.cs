using Gatehouse.Client;
using Gatehouse.Contracts;

namespace Gatehouse.Delegate;

/// <summary>Asks for tasks every three seconds while the stream is down, once after each change of the stream, when a slot becomes free, and seldom besides.</summary>
internal sealed class PollLoop(DelegateClient client, ManagerLink link, TaskBoard board)
{
    /// <summary>With the stream open nothing should be left to find; a broadcast lost on the way is found after this time.</summary>
    private static readonly TimeSpan s_safetyInterval = TimeSpan.FromSeconds(60);

    private readonly RetryPace _pace = new(Random.Shared);

    internal async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
                await link.Poll.WaitAsync(await PollAsync(cancel), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    private async Task<TimeSpan> PollAsync(CancellationToken cancel)
    {
        if (!link.IsAccepted || link.DelegateId is not { } id)
            return Timeout.InfiniteTimeSpan;
        try
        {
            foreach (var offer in await client.TaskEventsAsync(id, cancel))
                board.Offer(id, offer);
            _pace.Reset();
            return link.IsStreamOpen ? s_safetyInterval : Limits.PollInterval;
        }
        catch (Exception failure) when (failure is RequestRefusedException or ConnectionFailedException)
        {
            link.Probe.Set();
            return _pace.Next(failure);
        }
    }
}
