using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gatehouse.Load;

/// <summary>A child process on one core, or on some. Ended by its id with SIGTERM, and killed when it does not go.</summary>
internal sealed partial class PinnedProcess : IAsyncDisposable
{
    private const int MaxKeptLines = 40;
    private const int SigHup = 1, SigTerm = 15;
    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private PinnedProcess(Process process, string name)
    {
        (_process, Name) = (process, name);
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
    }

    public string Name { get; }
    public int Id => _process.Id;

    /// <summary>The last lines it wrote, for the message when something fails.</summary>
    public string LastLines
    {
        get
        {
            lock (_lastLines)
                return string.Join('\n', _lastLines);
        }
    }

    /// <summary>Starts <paramref name="program"/> on these cores; <c>taskset</c> becomes the program, so the id is the program's.</summary>
    public static PinnedProcess Start(
        string name, IEnumerable<int> cores, string program, IEnumerable<string> arguments, string folder, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var start = new ProcessStartInfo("taskset", ["-c", string.Join(',', cores), program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? [])
            start.Environment[key] = value;
        var started = new PinnedProcess(Process.Start(start)!, name);
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until <paramref name="isReady"/> says so.</summary>
    /// <exception cref="BenchFailedException">It ended, or three minutes passed.</exception>
    public async Task WaitUntilAsync(Func<Task<bool>> isReady, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!await isReady())
        {
            if (_process.HasExited)
                throw new BenchFailedException($"{Name} ended at once with code {_process.ExitCode}:\n{LastLines}");
            if (watch.Elapsed > TimeSpan.FromMinutes(3))
                throw new BenchFailedException($"{Name} was not ready within three minutes:\n{LastLines}");
            await Task.Delay(10, cancellationToken);
        }
    }

    /// <summary>Has nginx read its configuration again.</summary>
    public void HangUp() => _ = Kill(_process.Id, SigHup);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, SigTerm);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > MaxKeptLines)
                _lastLines.Dequeue();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
