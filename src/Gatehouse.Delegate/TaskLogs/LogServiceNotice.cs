using Gatehouse.Client;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>Tells people once that the log service takes no output, again when the reason changes or half an hour is over, and once when it is back. Tasks do not care.</summary>
internal sealed partial class LogServiceNotice(Uri service, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_repeat = TimeSpan.FromMinutes(30);
    private readonly Lock _lock = new();
    private string? _told;
    private long _at;

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
            if (_told == code && time.GetElapsedTime(_at) < s_repeat)
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
