using Gatehouse.Client;
using Gatehouse.Contracts;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>Registers, then says every ten seconds that it is there; registers again when the manager has forgotten it. Never gives up.</summary>
internal sealed partial class PresenceLoop(
    DelegateClient client, DelegateSelf self, ManagerLink link, ProblemNotice notice, Func<IReadOnlyList<string>> running, int capacity, TimeProvider time, ILogger log)
{
    private readonly RetryPace _pace = new(Random.Shared);
    private bool _skewTold;

    internal async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
                await link.Probe.WaitAsync(await BeatAsync(cancel), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    /// <summary>One registration or heartbeat; answers how long to wait for the next.</summary>
    private async Task<TimeSpan> BeatAsync(CancellationToken cancel)
    {
        try
        {
            if (link.DelegateId is { } id && !await HeartbeatAsync(id, cancel))
            {
                Log.Forgotten(log, id);
                link.DelegateId = null;
            }

            if (link.DelegateId is null && !await RegisterAsync(cancel))
                return Timeout.InfiniteTimeSpan;
            _pace.Reset();
            notice.Clear();
            if (link.Accepted())
                Log.Accepted(log, link.DelegateId!);
            TellSkew();
            return Limits.HeartbeatInterval;
        }
        catch (Exception failure) when (failure is RequestRefusedException or ConnectionFailedException)
        {
            link.Failed(failure);
            notice.Report(failure);
            return _pace.Next(failure);
        }
    }

    private async Task<bool> HeartbeatAsync(string id, CancellationToken cancel)
    {
        var answer = await client.HeartbeatAsync(self.Parameters(id, running()), cancel);
        return answer.Status != "DELETED";
    }

    /// <summary>False when the manager ended this delegate instead.</summary>
    private async Task<bool> RegisterAsync(CancellationToken cancel)
    {
        var answer = await client.RegisterAsync(self.Parameters(null, running()), cancel);
        if (answer.Action == "SELF_DESTRUCT")
        {
            link.End("The manager answered the registration with SELF_DESTRUCT: the account or this delegate was deleted.");
            return false;
        }

        if (answer.Action == "MIGRATE")
            Log.Migrate(log);
        if (string.IsNullOrEmpty(answer.DelegateId))
            throw new RequestRefusedException("registration_empty", "The manager answered the registration without a delegate id.", "Look at the manager's log.");
        link.DelegateId = answer.DelegateId;
        await TellCapacityAsync(answer.DelegateId, cancel);
        return true;
    }

    private async Task TellCapacityAsync(string id, CancellationToken cancel)
    {
        try
        {
            await client.RegisterCapacityAsync(id, capacity, cancel);
        }
        catch (RequestRefusedException refused) when (refused.IsFinal)
        {
            // Managers store the figure and make no use of it (sheet §5.2); one that does without it is fine.
        }
    }

    private void TellSkew()
    {
        if (_skewTold || client.ManagerClockAhead == TimeSpan.Zero)
            return;
        _skewTold = true;
        Log.ClockSkew(log, (long)client.ManagerClockAhead.Duration().TotalSeconds, client.ManagerClockAhead > TimeSpan.Zero ? "behind" : "ahead of", time.GetUtcNow());
    }

    private static partial class Log
    {
        [LoggerMessage(8010, LogLevel.Information, "Accepted by the manager as delegate {DelegateId}.")]
        public static partial void Accepted(ILogger log, string delegateId);

        [LoggerMessage(8011, LogLevel.Warning, "The manager does not know delegate {DelegateId} any more; registering again.")]
        public static partial void Forgotten(ILogger log, string delegateId);

        [LoggerMessage(8012, LogLevel.Warning, "The manager asks to migrate to another address; that is not done by itself. Set MANAGER_HOST_AND_PORT when it is meant.")]
        public static partial void Migrate(ILogger log);

        [LoggerMessage(8013, LogLevel.Warning, "This machine's clock is {Seconds} s {Direction} the manager's ({Now:u} here). Credentials allow for it; certificates do not. Set the clock.")]
        public static partial void ClockSkew(ILogger log, long seconds, string direction, DateTimeOffset now);
    }
}
