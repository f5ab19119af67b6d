namespace Gatehouse.Contracts.Tasks;

/// <summary>Task types that our delegate runs. A delegate without the type in <c>supportedTaskTypes</c> is never given the task.</summary>
public static class TaskTypes
{
    /// <summary>Runs a script; data is <see cref="ShellScriptTask"/>, result <see cref="ShellScriptResult"/>.</summary>
    public const string ShellScript = "SHELL_SCRIPT";

    /// <summary>Makes one HTTP call; data is <see cref="HttpCallTask"/>, result <see cref="HttpCallResult"/>.</summary>
    public const string HttpCall = "HTTP_CALL";

    /// <summary>Runs a test command for what a change calls for; data is <see cref="RunTestsTask"/>, result <see cref="RunTestsResult"/>.</summary>
    public const string RunTests = "RUN_TESTS";

    /// <summary>A script that works with the STO service (security tests), whose address it is told with the task or not at all; data and result as of <see cref="ShellScript"/>.</summary>
    public const string StoStep = "STO_STEP";

    /// <summary>A script that works with the SCS service (supply chain), likewise.</summary>
    public const string ScsStep = "SCS_STEP";
}

/// <summary>A script for <c>bash</c> (or <c>sh</c> where there is none).</summary>
/// <param name="Script">The text.</param>
/// <param name="Environment">Added to the task's environment; values may be secret.</param>
public sealed record ShellScriptTask(string Script, IReadOnlyDictionary<string, string>? Environment = null);

/// <summary>How a script ended.</summary>
/// <param name="ExitCode">The script's exit code; 128 + n when it died of signal n; null when it never ended by itself.</param>
/// <param name="TimedOut">True when it was killed at its time limit.</param>
/// <param name="Aborted">True when it was killed on request.</param>
/// <param name="OutputBytes">Bytes of output that it wrote.</param>
/// <param name="Error">Why it could not be run, if it could not.</param>
public sealed record ShellScriptResult(int? ExitCode, bool TimedOut = false, bool Aborted = false, long OutputBytes = 0, string? Error = null);

/// <summary>One HTTP call from the delegate's network.</summary>
/// <param name="Url">Absolute http or https address.</param>
/// <param name="Method">GET when null.</param>
/// <param name="Headers">Request headers; values may be secret.</param>
/// <param name="Body">Request body as text.</param>
/// <param name="ExpectedStatus">When set, another status makes the task fail.</param>
public sealed record HttpCallTask(
    string Url, string? Method = null, IReadOnlyDictionary<string, string>? Headers = null, string? Body = null, int? ExpectedStatus = null);

/// <summary>What came back, bounded: the body is cut at 64 KiB.</summary>
/// <param name="StatusCode">HTTP status; null when there was no answer.</param>
/// <param name="Headers">Answer headers.</param>
/// <param name="Body">Answer body as text, cut.</param>
/// <param name="Error">Why there was no answer, if there was none.</param>
public sealed record HttpCallResult(int? StatusCode, IReadOnlyDictionary<string, string>? Headers = null, string? Body = null, string? Error = null);
