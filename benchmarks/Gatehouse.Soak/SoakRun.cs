using System.Globalization;
using Gatehouse.Soak.Clients;
using Gatehouse.Soak.Oracle;
using Gatehouse.Soak.Reporting;
using Gatehouse.Soak.Trust;
using Gatehouse.Soak.Watching;

namespace Gatehouse.Soak;

/// <summary>One run: set the scene, load and change, let it settle, stop the server, judge.</summary>
internal static class SoakRun
{
    public static async Task<SoakReport> RunAsync(SoakPlan plan, string serverProgram, string folder, Action<string> say, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (counts, violations) = (new SoakCounts(), new Violations());
        using var serverCa = new TestAuthority("server-ca", Directory.CreateDirectory(Path.Combine(folder, "server")).FullName, now);
        var certificates = new ServerCertificates(serverCa, Path.Combine(folder, "server"), SoakScene.Domain, now.AddDays(20));
        var accounts = SoakSetup.CreateAccounts(plan, Directory.CreateDirectory(Path.Combine(folder, "clients")).FullName, now);
        try
        {
            await using var server = await ServerProcess.StartAsync(serverProgram, Path.Combine(folder, "data"), certificates, EnvironmentOf(plan), cancellationToken);
            if (plan.CheckNative)
                NativeChecks.InsistOn(server.Id);
            await SoakSetup.RegisterAsync(server, accounts, plan, cancellationToken);
            using var watch = new ServerWatch(server);
            var scene = new SoakScene
            {
                Plan = plan,
                Server = server.Agent,
                Accounts = accounts,
                Certificates = certificates,
                Oracle = new TrustOracle(counts, violations, plan.Delivery),
                Counts = counts,
                Violations = violations,
            };
            var before = await watch.SettleAsync();
            await LoadAsync(scene, server, watch, say, cancellationToken);
            var after = server.HasExited ? before : await watch.SettleAsync();
            var exitCode = server.HasExited ? null : await server.StopAsync();
            var report = new SoakReport
            {
                Plan = plan,
                StartedAt = now,
                Counts = counts,
                Before = before,
                After = after,
                Samples = watch.Samples,
                Versions = accounts.Sum(a => a.History.Count),
                ExitCode = exitCode,
                Violations = violations,
            };
            SoakJudgement.Judge(report, server);
            return report;
        }
        finally
        {
            accounts.ForEach(a => a.Dispose());
        }
    }

    private static Dictionary<string, string> EnvironmentOf(SoakPlan plan)
    {
        var environment = plan.CheckNative ? NativeChecks.Environment() : [];
        environment["GATEHOUSE__AGENT__TLS__SESSIONS"] = plan.Sessions.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in plan.Settings)
            environment["GATEHOUSE__" + name.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant()] = value;
        return environment;
    }

    private static async Task LoadAsync(SoakScene scene, ServerProcess server, ServerWatch watch, Action<string> say, CancellationToken cancellationToken)
    {
        var churn = new TrustChurn(server.Operator, scene.Accounts, new Random(scene.Plan.Seed), scene.Counts, scene.Violations);
        await churn.StartAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(scene.Plan.Duration);
        var background = new[]
        {
            churn.RunAsync(scene.Plan.ChangeInterval, stop.Token),
            ReplaceCertificatesAsync(scene, stop.Token),
            watch.RunAsync(scene.Plan.SampleInterval, stop.Token),
            TellAsync(scene, watch, say, stop),
        };
        var workers = Enumerable.Range(1, scene.Plan.Workers).Select(i => new Thread(new Worker(scene, i, stop.Token).Run) { IsBackground = true, Name = $"client {i}" }).ToList();
        workers.ForEach(w => w.Start());
        await Task.WhenAll(background);
        workers.ForEach(w => w.Join());
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task ReplaceCertificatesAsync(SoakScene scene, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(scene.Plan.CertificateInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                scene.Certificates.Replace();
                scene.Counts.Add("trust: server certificate");
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>Says now and then how it goes, and ends a run whose server is gone.</summary>
    private static async Task TellAsync(SoakScene scene, ServerWatch watch, Action<string> say, CancellationTokenSource stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(15));
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                var last = watch.Samples.LastOrDefault();
                say($"{SoakClock.Now / 1000,6:0} s  {scene.Counts.Sum("verdict: ")} verdicts, {scene.Violations.Count} violations, {last?.Connections} open, {last?.ResidentMiB:0} MiB");
                if (scene.Violations.Count > 1000)
                    await stop.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
