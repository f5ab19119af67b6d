namespace Gatehouse.Delegate;

/// <summary>The program's exit codes, as all of Gatehouse's programs have them.</summary>
internal static class ExitCode
{
    /// <summary>Done: asked to stop, finished its tasks, said goodbye.</summary>
    internal const int Done = 0;

    /// <summary>It failed, or the manager ended it.</summary>
    internal const int Failed = 1;

    /// <summary>Wrong use or bad input.</summary>
    internal const int WrongUse = 2;
}
