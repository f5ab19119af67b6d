using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

/// <summary>The built program as a process, with an environment of its own.</summary>
internal sealed partial class DelegateProcess : IAsyncDisposable
{
    private static readonly HttpClient s_http = new();
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TemporaryDirectory _work;

    /// <summary>The program's own output folder: beside the tests its logging library is missing, which they take from ASP.NET.</summary>
    private static string Program { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Gatehouse.Delegate", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Gatehouse.Delegate.dll"));

    private DelegateProcess(Process process, TemporaryDirectory work)
    {
        _process = process;
        _work = work;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string WorkFolder => _work.Path;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public int Port => int.Parse(HealthPort().Match(Output).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Starts it against a manager; <paramref name="more"/> adds and overrides, null removes.</summary>
    public static DelegateProcess Start(string? managerUrl, Dictionary<string, string?>? more = null, params string[] arguments)
    {
        var work = new TemporaryDirectory();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments.Length == 0 ? ["run"] : arguments)
            start.ArgumentList.Add(argument);
        var inherited = start.Environment.Where(pair => pair.Key is "PATH" or "HOME" || pair.Key.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
            start.Environment[name] = value;
        Dictionary<string, string?> own = new()
        {
            ["ACCOUNT_ID"] = FakeManager.Account,
            ["DELEGATE_TOKEN"] = FakeManager.Token,
            ["DELEGATE_NAME"] = "tester",
            ["MANAGER_HOST_AND_PORT"] = managerUrl,
            ["DELEGATE_HEALTH_PORT"] = "0",
            ["DELEGATE_WORKING_DIR"] = work.Path,
            ["DELEGATE_CA_BUNDLE_DIR"] = Path.Combine(work.Path, "no-roots"),
        };
        foreach (var (name, value) in own.Concat(more ?? []))
            start.Environment[name] = value;
        foreach (var name in start.Environment.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList())
            start.Environment.Remove(name);
        return new DelegateProcess(Process.Start(start)!, work);
    }

    public Task WaitForOutputAsync(string text, TimeSpan? limit = null) =>
        Eventually.TrueAsync($"“{text}” in:\n{Output}", () => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), limit);

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        return _process.ExitCode;
    }

    public void Terminate() => _ = Kill(_process.Id, 15);

    public async Task<(int Status, JsonElement Body)> HealthAsync()
    {
        using var response = await s_http.GetAsync(new Uri($"http://127.0.0.1:{Port}/api/health"));
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public Task<string> MetricsAsync() => s_http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/api/metrics"));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _work.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
    }

    [GeneratedRegex(@"health on port (\d+)")]
    private static partial Regex HealthPort();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
