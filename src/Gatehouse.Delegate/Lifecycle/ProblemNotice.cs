using Gatehouse.Client;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>Tells people why the delegate is not in: once, again when the reason changes, and every ten minutes while it lasts.</summary>
internal sealed partial class ProblemNotice(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_repeat = TimeSpan.FromMinutes(10);
    private readonly Lock _lock = new();
    private string? _last;
    private bool _wasClosed;
    private long _at;

    internal void Report(Exception problem)
    {
        var key = problem switch
        {
            RequestRefusedException refused => refused.Code,
            ConnectionFailedException failed => failed.Kind.ToString(),
            _ => problem.GetType().Name,
        };
        lock (_lock)
        {
            // One connection that closes is a restart, and the next attempt says more; two in a row are worth a word.
            var isFirstClose = problem is ConnectionFailedException { Kind: ConnectionFaultKind.ClosedBeforeAnswer } && !_wasClosed;
            _wasClosed = problem is ConnectionFailedException { Kind: ConnectionFaultKind.ClosedBeforeAnswer };
            if (isFirstClose)
                return;
            if (key == _last && time.GetElapsedTime(_at) < s_repeat)
                return;
            _last = key;
            _at = time.GetTimestamp();
        }

        if (problem is RequestRefusedException refusal)
            Log.Refused(log, refusal.Code, refusal.Message, refusal.NextStep);
        else
            Log.Away(log, problem.Message, (problem as ConnectionFailedException)?.NextStep ?? "");
    }

    /// <summary>It is over.</summary>
    internal void Clear()
    {
        lock (_lock)
            (_last, _wasClosed) = (null, false);
    }

    private static partial class Log
    {
        [LoggerMessage(8000, LogLevel.Warning, "Refused ({Code}): {Message} {NextStep} It is tried again by itself.")]
        public static partial void Refused(ILogger log, string code, string message, string nextStep);

        [LoggerMessage(8001, LogLevel.Warning, "{Message} {NextStep} It is tried again by itself.")]
        public static partial void Away(ILogger log, string message, string nextStep);
    }
}
