namespace Gatehouse.Cli;

/// <summary>A foreseen end of a command: its message goes to stderr as it is, without a stack trace.</summary>
internal sealed class CliException : Exception
{
    private CliException(int exitCode, string message, Exception? inner)
        : base(message, inner)
    {
        ExitCode = exitCode;
    }

    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; }

    /// <summary>It failed, or the answer is no.</summary>
    public static CliException Failed(string message, Exception? inner = null) => new(ExitCodes.Failed, message, inner);

    /// <summary>Wrong use or bad input.</summary>
    public static CliException BadInput(string message, Exception? inner = null) => new(ExitCodes.BadInput, message, inner);
}
