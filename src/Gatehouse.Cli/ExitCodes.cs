namespace Gatehouse.Cli;

/// <summary>What the program's exit code says. <c>task run</c> exits with the script's own code once the script has ended.</summary>
internal static class ExitCodes
{
    /// <summary>It was done, or the answer is yes.</summary>
    public const int Done = 0;

    /// <summary>It failed, or the answer is no: refused, not ready, check failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong use or bad input; nothing was changed.</summary>
    public const int BadInput = 2;
}
