using Gatehouse.Client;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>
/// Tells people once that the log service takes no output, again when half an hour is over or, after a minute, when the reason is another one, and once when
/// it is back. One that now fails and now does not is told of once a minute.
/// </summary>
internal sealed partial class LogServiceNotice(Uri service, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_repeat = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_change = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private string? _told;
    private long? _at;

    internal void Report(Exception problem)
    {
        var (code, nextStep) = problem switch
        {
            RequestRefusedException refused => (refused.Code, refused.NextStep),
            ConnectionFailedException failed => (failed.Kind.ToString(), failed.NextStep),
            _ => (problem.GetType().Name, ""),
        };
        lock (_lock)
        {
            if (_at is { } at && time.GetElapsedTime(at) < (_told == code ? s_repeat : s_change))
                return;
            (_told, _at) = (code, time.GetTimestamp());
        }

        Log.Away(log, service, code, problem.Message, nextStep);
    }

    /// <summary>It has taken something.</summary>
    internal void Clear()
    {
        lock (_lock)
        {
            if (_told is null)
                return;
            _told = null;
        }

        Log.Back(log, service);
    }

    private static partial class Log
    {
        [LoggerMessage(8250, LogLevel.Warning, "The log service at {Service} takes no output now ({Code}): {Reason} {NextStep} Tasks go on, and their output goes to the manager; it is tried again by itself.")]
        public static partial void Away(ILogger log, Uri service, string code, string reason, string nextStep);

        [LoggerMessage(8251, LogLevel.Information, "The log service at {Service} takes output again.")]
        public static partial void Back(ILogger log, Uri service);
    }
}
