using System.Diagnostics;

namespace Gatehouse.Cli.Processes;

/// <summary>
/// A program of this product as a child process whose output goes straight into a file: it can outlive this process, and its log can be read at any time.
/// </summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    /// <summary>After this long a child that was asked to end is killed with its own children.</summary>
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private bool _left;

    private ChildProgram(string name, Process process, string logPath)
    {
        (Name, _process, LogPath) = (name, process, logPath);
    }

    /// <summary>What it is called in the story.</summary>
    public string Name { get; }

    public string LogPath { get; }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts it.</summary>
    /// <param name="name">What it is called in the story.</param>
    /// <param name="program">For example <c>Gatehouse.Server</c>.</param>
    /// <param name="arguments">Its words.</param>
    /// <param name="environment">Its variables: what this process's environment says of Gatehouse, delegates and proxies is not passed on.</param>
    /// <param name="folder">Its working folder, where its log is written.</param>
    public static ChildProgram Start(string name, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string folder)
    {
        var log = Path.Combine(folder, name + ".log");
        // The shell only opens the log and becomes the program: the process id is the program's.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, ProgramFiles.Host, ProgramFiles.Find(program), .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsOurs).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var process = Process.Start(start) ?? throw CliException.Failed($"{program} could not be started.");
        return new ChildProgram(name, process, log);
    }

    /// <summary>Leaves it running when this object goes.</summary>
    public void LeaveRunning() => _left = true;

    /// <summary>What it has printed so far.</summary>
    public string ReadLog()
    {
        try
        {
            return File.ReadAllText(LogPath);
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Asks it to end, waits, and kills it when it does not.</summary>
    public async Task EndAsync()
    {
        Signals.AskToEnd(_process);
        using var limit = new CancellationTokenSource(s_endPatience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_left)
        {
            await EndAsync();
        }

        _process.Dispose();
    }

    private static bool IsOurs(string variable) =>
        variable.StartsWith("GATEHOUSE_", StringComparison.Ordinal) || variable.StartsWith("DELEGATE_", StringComparison.Ordinal)
        || variable.StartsWith("PROXY_", StringComparison.Ordinal) || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || variable.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase)
        || variable is "ACCOUNT_ID" or "ACCOUNT_SECRET" or "NEXT_GEN" or "MANAGER_HOST_AND_PORT" or "INIT_SCRIPT" or "LOG_STREAMING_SERVICE_URL" or "TI_SERVICE_URL";
}
