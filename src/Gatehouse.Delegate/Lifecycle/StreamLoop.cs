using Gatehouse.Client;
using Gatehouse.Contracts;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>Keeps the stream open, on which tasks are pushed. While it is not, polling goes on.</summary>
internal sealed partial class StreamLoop(
    DelegateClient client, Drain drain, DelegateSelf self, ManagerLink link, StreamFrames frames, Func<IReadOnlyList<string>> running, TimeProvider time, ILogger log)
{
    /// <summary>Every heartbeat is answered; after this long without a frame the connection is dead, whatever TCP thinks.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(60);

    /// <summary>A stream that lived this long was a good one: the next failure is a new one.</summary>
    private static readonly TimeSpan s_good = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(2);

    private readonly RetryPace _pace = new(Random.Shared);
    private long _lastFrame;

    internal async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
                await link.Stream.WaitAsync(await OpenAndServeAsync(cancel), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    /// <summary>One stream from opening to closing; answers how long to wait for the next.</summary>
    private async Task<TimeSpan> OpenAndServeAsync(CancellationToken cancel)
    {
        if (!link.IsAccepted || link.DelegateId is not { } id)
            return Timeout.InfiniteTimeSpan;
        var start = time.GetTimestamp();
        try
        {
            await using var stream = await client.OpenStreamAsync(id, self.ConnectionId, cancel);
            _lastFrame = time.GetTimestamp();
            frames.LastError = null;
            link.StreamOpened();
            Log.Opened(log);
            var reason = await ServeAsync(stream, id, cancel);
            Log.Closed(log, reason.Message);
            return Pause(reason, start);
        }
        catch (Exception failure) when (failure is RequestRefusedException or ConnectionFailedException)
        {
            Log.Closed(log, failure.Message);
            return Pause(failure, start);
        }
        finally
        {
            link.StreamClosed();
        }
    }

    private TimeSpan Pause(Exception reason, long start)
    {
        if (reason is StreamRenewal)
            return TimeSpan.Zero;
        if (time.GetElapsedTime(start) > s_good)
            _pace.Reset();
        return _pace.Next(reason);
    }

    /// <summary>Reads and beats until one of them ends; answers why.</summary>
    private async Task<Exception> ServeAsync(DelegateStream stream, string id, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = ReadAsync(stream, id, end.Token);
        var beating = BeatAsync(stream, id, end.Token);
        var first = await Task.WhenAny(reading, beating);
        if (first == beating && await beating is StreamRenewal)
        {
            // The other side answers our goodbye; what it had already sent is read before that.
            await stream.CloseAsync();
            await Task.WhenAny(reading, Task.Delay(s_goodbye, time, cancel));
        }

        await end.CancelAsync();
        var reasons = await Task.WhenAll(reading, beating);
        cancel.ThrowIfCancellationRequested();
        return first == reading ? reasons[0] : reasons[1];
    }

    private async Task<Exception> ReadAsync(DelegateStream stream, string id, CancellationToken cancel)
    {
        try
        {
            while (await stream.ReceiveAsync(cancel) is { } frame)
            {
                _lastFrame = time.GetTimestamp();
                frames.Handle(id, self.ConnectionId, frame);
            }

            var reason = stream.CloseReason.Length > 0 ? stream.CloseReason : frames.LastError ?? "no reason given";
            return new ConnectionFailedException(ConnectionFaultKind.Interrupted, $"The manager closed the stream ({reason}).", "", null);
        }
        catch (Exception failure) when (failure is ConnectionFailedException or OperationCanceledException || cancel.IsCancellationRequested)
        {
            return failure;
        }
    }

    private async Task<Exception> BeatAsync(DelegateStream stream, string id, CancellationToken cancel)
    {
        try
        {
            var lastBeat = (long?)null;
            while (true)
            {
                var left = drain.Left(stream);
                if (left == TimeSpan.Zero)
                    return new StreamRenewal("the client certificate or the server roots were replaced");
                if (link.DelegateId is { } now && now != id)
                    return new StreamRenewal("the delegate was registered anew");
                if (time.GetElapsedTime(_lastFrame) > s_silence)
                    return new ConnectionFailedException(ConnectionFaultKind.Interrupted, "The stream was silent for a minute.", "", null);
                var due = lastBeat is { } last ? Limits.HeartbeatInterval - time.GetElapsedTime(last) : TimeSpan.Zero;
                if (due <= TimeSpan.Zero)
                {
                    lastBeat = time.GetTimestamp();
                    await stream.SendHeartbeatAsync(self.Parameters(id, running()), cancel);
                    due = Limits.HeartbeatInterval;
                }

                await link.Stream.WaitAsync(left < due ? left.Value : due, cancel);
            }
        }
        catch (Exception failure) when (failure is ConnectionFailedException or OperationCanceledException || cancel.IsCancellationRequested)
        {
            return failure;
        }
    }

    /// <summary>Not a failure: the stream is closed in order to be opened again at once.</summary>
    private sealed class StreamRenewal(string message) : Exception(message);

    private static partial class Log
    {
        [LoggerMessage(8020, LogLevel.Information, "The stream is open: tasks come at once.")]
        public static partial void Opened(ILogger log);

        [LoggerMessage(8021, LogLevel.Information, "The stream is closed, polling instead: {Reason}")]
        public static partial void Closed(ILogger log, string reason);
    }
}
