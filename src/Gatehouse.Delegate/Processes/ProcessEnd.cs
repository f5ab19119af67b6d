namespace Gatehouse.Delegate;

/// <summary>How a task's process ended.</summary>
/// <param name="ExitCode">128 + n when a signal n ended it; null when it did not end by itself.</param>
/// <param name="TimedOut">It was ended at its time limit.</param>
/// <param name="Aborted">It was ended on request.</param>
/// <param name="LeftBehind">Background processes that were still running when it had ended, and were stopped.</param>
/// <param name="AllGone">False when something of it could not be stopped.</param>
internal sealed record ProcessEnd(int? ExitCode, bool TimedOut, bool Aborted, IReadOnlyList<string> LeftBehind, bool AllGone);
