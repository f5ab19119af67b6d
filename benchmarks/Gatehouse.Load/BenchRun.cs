using System.Diagnostics;
using System.Globalization;
using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Load;

/// <summary>What a run measures.</summary>
[Flags]
internal enum BenchScenarios
{
    Handshakes = 1,
    Requests = 2,
    Idle = 4,
    Tasks = 8,
    Resumed = 16,
    Http2 = 32,
    Endpoints = 64,
    Change = 128,
    Cpu = Handshakes | Resumed | Requests | Http2,
    All = Cpu | Idle | Endpoints | Tasks,
}

/// <summary>One run from start to report.</summary>
internal static class BenchRun
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    public static (string Name, string Description, BenchScenarios Scenarios)[] Commands { get; } =
    [
        ("all", "Everything.", BenchScenarios.All),
        ("handshake", "Full mTLS handshake and one proxied GET, TLS 1.3 and 1.2.", BenchScenarios.Handshakes),
        ("resumed", "Resumed mTLS handshake and one proxied GET, TLS 1.3 and 1.2.", BenchScenarios.Resumed),
        ("request", "Proxied HTTP/1.1 requests on kept mTLS connections.", BenchScenarios.Requests),
        ("http2", "Proxied HTTP/2 requests on kept mTLS connections.", BenchScenarios.Http2),
        ("idle", "Memory of the idle gateway and of idle mTLS connections.", BenchScenarios.Idle),
        ("endpoints", "100,000 endpoints: start, memory, and one more; beside a reload of nginx.", BenchScenarios.Endpoints),
        ("change", "10,000 open connections whose trust is changed; not in 'all', with figures of its own.", BenchScenarios.Change),
        ("task", "Time from queue to running script; memory of the idle server and delegate.", BenchScenarios.Tasks),
    ];

    public static async Task<int> RunAsync(
        BenchScenarios scenarios, string command, bool quick, bool write, string repository, string? artifacts, CancellationToken cancellationToken)
    {
        if (write && (quick || scenarios is not (BenchScenarios.All or BenchScenarios.Change)))
        {
            await Console.Error.WriteLineAsync("--write rewrites a whole section of figures: use it with 'all' or 'change', and without --quick.");
            return WrongUse;
        }
        // A client of OpenSSL 3 spends a fifth of a handshake on decoding the server's key. The generator has one core, and a server that waits for
        // it pays for each wait: it has to be the quicker one.
        _ = LegacyKeyDecoder.TryRegister();
        var folder = Directory.CreateTempSubdirectory("gatehouse-bench-");
        try
        {
            var report = await MeasureAsync(scenarios, command, quick ? BenchPlan.Quick : BenchPlan.Full, repository, artifacts, folder.FullName, cancellationToken);
            var markdown = MarkdownReport.Of(report);
            await Console.Out.WriteAsync(markdown);
            if (write)
                await ReportFiles.WriteAsync(repository, scenarios == BenchScenarios.Change ? "change" : null, report, markdown, cancellationToken);
            return 0;
        }
        catch (BenchFailedException e)
        {
            await Console.Error.WriteLineAsync($"The run failed and gives no figures. {e.Message}");
            return Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; what the run had started is ended.");
            return Failed;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<BenchReport> MeasureAsync(
        BenchScenarios scenarios, string command, BenchPlan plan, string repository, string? artifacts, string folder, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var now = TimeProvider.System.GetUtcNow();
        var context = new BenchContext
        {
            Plan = plan,
            Folder = folder,
            // In full: servers that have a folder of their own read them, too.
            Certificates = BenchCertificates.Open(Path.GetFullPath(Path.Combine(artifacts ?? Path.Combine(repository, "artifacts"), "bench-pki")), plan.Accounts, now),
            ServerProgram = PublishedServer(repository, artifacts),
            DelegateProgram = ProgramOf("Gatehouse.Delegate", repository, artifacts),
        };
        var report = new BenchReport
        {
            At = now,
            Command = command,
            Machine = await MachineFacts.ReadAsync(repository, cancellationToken),
            Plan = plan,
            LoadBefore = double.Parse((await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], CultureInfo.InvariantCulture),
        };
        if (report.Machine.Cores < 2)
            throw new BenchFailedException("The server and the generator need a core each; this machine has one.");

        if ((scenarios & BenchScenarios.Cpu) != 0)
            await MeasureCpuAsync();
        if (Begins(BenchScenarios.Idle, "Idle memory"))
            report.Idle = await IdleMemoryScenario.RunAsync(context, cancellationToken);
        if (Begins(BenchScenarios.Endpoints, "Many endpoints"))
            report.Endpoints = await EndpointsScenario.RunAsync(context, cancellationToken);
        if (Begins(BenchScenarios.Change, "A change of trust"))
            report.Change = await ChangeScenario.RunAsync(context, cancellationToken);
        if (Begins(BenchScenarios.Tasks, "Tasks"))
            report.Tasks = await TaskLatencyScenario.RunAsync(context, cancellationToken);
        report.MinutesTaken = watch.Elapsed.TotalMinutes;
        return report;

        async Task MeasureCpuAsync()
        {
            // The decoder's switch shows in full handshakes only, so only they need the server that has it off.
            string[] names = scenarios.HasFlag(BenchScenarios.Handshakes)
                ? [Peers.GatehouseName, Peers.WithoutDecoderName, .. Peers.OtherServers]
                : [Peers.GatehouseName, .. Peers.OtherServers];
            await using var peers = await Peers.StartAsync(context, names, cancellationToken);
            if (Begins(BenchScenarios.Handshakes, "Full handshakes"))
                report.Handshakes = await HandshakeScenario.RunAsync(context, peers, cancellationToken);
            if (Begins(BenchScenarios.Resumed, "Resumed handshakes"))
                report.Resumed = await ResumedScenario.RunAsync(context, peers, cancellationToken);
            if (Begins(BenchScenarios.Requests, "Requests on kept connections"))
                report.Requests = await ProxiedRequestScenario.RunAsync(context, peers, cancellationToken);
            if (Begins(BenchScenarios.Http2, "HTTP/2"))
                report.Http2 = await Http2Scenario.RunAsync(context, peers, cancellationToken);
        }

        bool Begins(BenchScenarios scenario, string name)
        {
            var asked = scenarios.HasFlag(scenario);
            if (asked)
                BenchContext.Say(name);
            return asked;
        }
    }

    // As it is installed: eng/publish.sh.
    private static string PublishedServer(string repository, string? artifacts) =>
        Built(Path.Combine(artifacts ?? Path.Combine(repository, "artifacts"), "published", "server", "Gatehouse.Server.dll"));

    private static string ProgramOf(string project, string repository, string? artifacts) =>
        Built(Path.Combine(artifacts ?? Path.Combine(repository, "artifacts"), "bin", project, "release", project + ".dll"));

    private static string Built(string path) =>
        File.Exists(path) ? Path.GetFullPath(path) : throw new BenchFailedException($"{path} is not built. ./bench builds it.");
}
