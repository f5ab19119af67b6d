using System.Diagnostics;

namespace Gatehouse.Cli.Tests.Support;

/// <summary>How a run of the program ended.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error);

/// <summary>Runs the built program as a child process, in a folder of its own, with nothing of this process's environment that it would read.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gatehouse-cli-");
    private readonly Dictionary<string, string?> _environment = new()
    {
        ["GATEHOUSE_SERVER"] = null,
        ["GATEHOUSE_API_KEY"] = null,
        ["GATEHOUSE_DATA"] = null,
        ["GATEHOUSE_HOME"] = null,
    };

    public CommandLine()
    {
    }

    public CommandLine(FakeServer server)
    {
        _environment["GATEHOUSE_SERVER"] = server.Url;
        _environment["GATEHOUSE_API_KEY"] = FakeServer.Key;
    }

    /// <summary>The working folder.</summary>
    public string Folder => _folder.FullName;

    public CommandLine With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public string WriteFile(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<Ended> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await EndOfAsync(process);
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Gatehouse.Cli.dll"), .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in _environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        return Process.Start(start)!;
    }

    public static async Task<Ended> EndOfAsync(Process process)
    {
        process.StandardInput.Close();
        var cancellationToken = TestContext.Current.CancellationToken;
        using var registration = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new Ended(process.ExitCode, await output, await error);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
