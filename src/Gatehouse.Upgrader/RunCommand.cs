using System.Runtime.InteropServices;
using Gatehouse.Client;
using Gatehouse.Upgrader.Kubernetes;

namespace Gatehouse.Upgrader;

/// <summary><c>run</c>: from arguments and environment to one line of result.</summary>
internal static class RunCommand
{
    /// <summary>Runs once.</summary>
    /// <param name="arguments">The words behind <c>run</c>.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="output">Gets the line of the result.</param>
    /// <param name="error">Gets sentences.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    internal static async Task<int> ExecuteAsync(Arguments arguments, Func<string, string?> variable, TextWriter output, TextWriter error, TimeProvider? time = null)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        var reader = new RunSettingsReader(arguments, variable);
        var settings = reader.Read(time ?? TimeProvider.System);
        UpgradeReport report;
        try
        {
            report = settings is null
                ? new UpgradeReport(UpgradeResult.WrongConfiguration, arguments.DryRun, null, null) { Problems = reader.Problems }
                : await UpgradeAsync(settings, time ?? TimeProvider.System, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            error.WriteLine("Interrupted.");
            return ExitCode.Failed;
        }

        report = report with { Warnings = [.. reader.Warnings, .. report.Warnings] };
        foreach (var sentence in report.Warnings.Select(one => "Warning: " + one).Concat(report.Problems))
        {
            error.WriteLine(sentence);
        }

        output.WriteLine(report.Line(arguments.Json));
        return report.ExitCode;

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<UpgradeReport> UpgradeAsync(RunSettings settings, TimeProvider time, CancellationToken cancel)
    {
        var audience = settings.Manager.Origin.GetLeftPart(UriPartial.Authority);
        var credential = new DelegateCredential(settings.Token, settings.Upgrader.AccountId, settings.HostName, audience, time);
        var http = new AgentHttp(new AgentHttpOptions { Identity = settings.Identity, Trust = settings.Trust, Proxy = settings.Proxy });
        using var manager = new UpgradeClient(http, settings.Manager, credential, settings.Upgrader.AccountId, Help.Version, time);
        using var api = new KubernetesApi(settings.Cluster);
        return await new Upgrade(settings, api, manager).RunAsync(cancel);
    }
}
