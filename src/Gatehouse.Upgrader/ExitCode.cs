namespace Gatehouse.Upgrader;

/// <summary>The program's exit codes, as all of Gatehouse's programs have them.</summary>
internal static class ExitCode
{
    /// <summary>Everything is as offered, or was brought there.</summary>
    internal const int Done = 0;

    /// <summary>It failed, or the answer is no; what was not changed is as it was.</summary>
    internal const int Failed = 1;

    /// <summary>Wrong use, or wrong configuration; nothing was asked and nothing changed.</summary>
    internal const int WrongUse = 2;
}
