using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>
/// What is known of the manager, shared by the loops that talk to it. The presence loop alone probes while the manager is away or refuses; the
/// stream and poll loops wait until it has been accepted, and tell it when something broke.
/// </summary>
internal sealed class ManagerLink(TimeProvider time)
{
    /// <summary>A heartbeat is due every ten seconds; several in a row may be lost before the delegate calls itself unwell.</summary>
    private static readonly TimeSpan s_wellWithin = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private DateTimeOffset? _lastAccepted;
    private Exception? _problem;

    /// <summary>Wakes the presence loop.</summary>
    internal Wakeup Probe { get; } = new(time);

    /// <summary>Wakes the stream loop, open or not.</summary>
    internal Wakeup Stream { get; } = new(time);

    /// <summary>Wakes the poll loop.</summary>
    internal Wakeup Poll { get; } = new(time);

    /// <summary>Null until registered.</summary>
    internal string? DelegateId { get; set; }

    internal bool IsStreamOpen { get; private set; }

    /// <summary>Completes with a sentence when the manager ended this delegate.</summary>
    internal Task<string> Ended => _ended.Task;

    /// <summary>True when the last thing the manager said was yes.</summary>
    internal bool IsAccepted
    {
        get
        {
            lock (_lock)
                return _lastAccepted is not null && _problem is null;
        }
    }

    /// <summary>The manager said yes. True when it had not before.</summary>
    internal bool Accepted()
    {
        bool isNews;
        lock (_lock)
        {
            isNews = _lastAccepted is null || _problem is not null;
            _lastAccepted = time.GetUtcNow();
            _problem = null;
        }

        if (isNews)
        {
            Stream.Set();
            Poll.Set();
        }

        return isNews;
    }

    internal void Failed(Exception problem)
    {
        lock (_lock)
            _problem = problem;
    }

    internal void StreamOpened()
    {
        IsStreamOpen = true;
        Poll.Set();
    }

    internal void StreamClosed()
    {
        IsStreamOpen = false;
        Probe.Set();
        Poll.Set();
    }

    internal void End(string sentence) => _ended.TrySetResult(sentence);

    /// <summary>Is it well, and if not, why not. A refusal counts at once, silence after a minute: a server may restart.</summary>
    internal (bool IsWell, string Reason) Health()
    {
        lock (_lock)
        {
            var problem = _problem?.Message;
            if (_lastAccepted is not { } last)
                return (false, problem ?? "Not registered yet.");
            if (_problem is RequestRefusedException { IsRefusal: true })
                return (false, problem!);
            var age = time.GetUtcNow() - last;
            return age <= s_wellWithin
                ? (true, problem ?? "")
                : (false, $"The last accepted heartbeat was {(long)age.TotalSeconds} s ago. {problem}".TrimEnd());
        }
    }
}
