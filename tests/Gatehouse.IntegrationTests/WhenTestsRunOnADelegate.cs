using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// samples/dotnet-tests, a real xunit project, with <c>dotnet test</c> on a delegate that shows its certificate to a STRICT account: the first run tells the TI service
/// what each test reaches, the second runs what a changed file calls for. Packages come from the machine's cache: this solution's restore has put them there.
/// </summary>
public sealed class WhenTestsRunOnADelegate : IAsyncLifetime
{
    private const string Command = """dotnet test --no-restore --settings "$GATEHOUSE_TI_DOTNET_SETTINGS" --logger "junit;LogFilePath=$PWD/TestResults/junit.xml" --nologo""";

    private readonly TemporaryDirectory _directory = new();
    private GatehouseSystem _system = null!;
    private string _checkout = "";

    public async ValueTask InitializeAsync()
    {
        var checkingOut = CheckoutAsync();
        _system = await GatehouseSystem.StartAsync();
        var ca = await _system.OpenSsl.CreateCaAsync();
        var client = await _system.OpenSsl.CreateClientAsync(ca);
        var token = await _system.CreateAccountAsync("acc1");
        await _system.EnableMtlsAsync("acc1", "customer1", ca, MtlsMode.STRICT);
        _system.StartDelegate("acc1", token, "builder", "customer1.agent.localhost", client, new Dictionary<string, string?>
        {
            // Nothing that outlives a task, and not this solution's test runner.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
        });
        await _system.ConnectedAsync("acc1", "builder", mtls: true);
        _checkout = await checkingOut;
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_first_run_is_whole_and_the_second_runs_what_a_change_calls_for()
    {
        var first = await RunAsync(_checkout, "1");
        Assert.Contains("gatehouse: all tests run. The TI service does not account for any commit of main yet.\n", first, StringComparison.Ordinal);
        Assert.Contains("gatehouse: 5 tests: 5 passed, 0 failed, 0 skipped", first, StringComparison.Ordinal);
        Assert.Contains("; reported; call graph uploaded\n", first, StringComparison.Ordinal);

        await File.AppendAllTextAsync(Path.Combine(_checkout, "Shop", "Discount.cs"), "// Rounding is the till's business.\n", TestContext.Current.CancellationToken);
        var second = await RunAsync(_checkout, "2");
        Assert.Contains("gatehouse: 1 of 4 known tests run\n", second, StringComparison.Ordinal);
        Assert.Contains("gatehouse: 2 tests: 2 passed, 0 failed, 0 skipped", second, StringComparison.Ordinal);

        // A theory with two rows is one test with two cases.
        var cases = await _system.MustAsync(["ti", "tests", .. Build("2")]);
        Assert.Contains("Takes_the_discount_off(percent: 10, expected: 90)", cases, StringComparison.Ordinal);
        Assert.Contains("Takes_the_discount_off(percent: 50, expected: 50)", cases, StringComparison.Ordinal);
        Assert.DoesNotContain("StockTests", cases, StringComparison.Ordinal);
        Assert.DoesNotContain("Adds_up", cases, StringComparison.Ordinal);
        var overview = await _system.MustAsync(["ti", "overview", .. Build("2"), "--output", "json"]);
        Assert.Contains("\"skipped_tests\":3", overview.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string[] Build(string build) => ["--account", "acc1", "--org", "default", "--project", "shop", "--pipeline", "ci", "--build", build];

    private async Task<string> RunAsync(string checkout, string build)
    {
        var sha = (await CommandLine.MustAsync("git", "-C", checkout, "rev-parse", "HEAD")).Trim();
        var run = await _system.CliAsync(TimeSpan.FromMinutes(5), [
            "ti", "run", .. Build(build), "--stage", "build", "--step", "test", "--repo", "https://git.example.com/shop", "--target", "main", "--sha", sha,
            "--directory", checkout, "--git", "--report", "TestResults/*.xml", "--call-graph", "callgraph.avro", "--env", $"CALL_GRAPH={checkout}/callgraph.avro", "--", Command]);
        Assert.True(run.ExitCode == 0, run.All);
        return run.Output;
    }

    private async Task<string> CheckoutAsync()
    {
        var sample = Path.Combine(SourceTree.Root, "samples", "dotnet-tests");
        var checkout = _directory.File("checkout");
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(sample, file)))
        {
            if (file.Split('/') is ["bin" or "obj", ..])
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(checkout, file))!);
            File.Copy(Path.Combine(sample, file), Path.Combine(checkout, file));
        }

        // No package source: what is not in the cache is not there.
        var config = $"<configuration><packageSources><clear/><add key=\"none\" value=\"{_directory.Path}\"/></packageSources></configuration>";
        await File.WriteAllTextAsync(Path.Combine(checkout, "nuget.config"), config, TestContext.Current.CancellationToken);
        await CommandLine.MustAsync("git", "-C", checkout, "init", "-q", "-b", "main");
        await CommandLine.MustAsync("git", "-C", checkout, "add", "-A");
        await CommandLine.MustAsync("git", "-C", checkout, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "first");
        // As a step before the tests does, and while the server starts.
        var restored = await CommandLine.RunAsync("dotnet", ["restore", checkout, "--locked-mode", "-nodeReuse:false", "--nologo"], input: "", limit: TimeSpan.FromMinutes(5));
        Assert.True(restored.ExitCode == 0, restored.All);
        return checkout;
    }
}
