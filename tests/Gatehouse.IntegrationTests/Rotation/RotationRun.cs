using System.Collections.Concurrent;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// A new client certificate every five seconds for two minutes, at a real gateway, with tasks running, log lines streaming and requests going out. Begun once by the
/// first test that asks for it, and paid for in parallel with the other tests: it waits far more than it works.
/// </summary>
public sealed class RotationRun : IAsyncDisposable
{
    /// <summary>Rotations, five seconds apart; the one in the middle is a certificate with another's key.</summary>
    internal const int Rotations = 24, Mixed = 12;

    private const string Account = "acc1", Host = "customer1.agent.localhost";
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);
    private readonly Lazy<Task<RotationOutcome>> _outcome;
    private readonly TaskCompletionSource<string> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();

    /// <summary>Nothing runs yet.</summary>
    public RotationRun() => _outcome = new Lazy<Task<RotationOutcome>>(RunAsync);

    /// <summary>The serial number that the delegate came in with.</summary>
    internal async Task<string> BegunAsync()
    {
        var first = await Task.WhenAny(_begun.Task, _outcome.Value);
        return first == _begun.Task ? await _begun.Task : throw new InvalidOperationException("The run ended before it had begun.", _outcome.Value.Exception);
    }

    /// <summary>Its end.</summary>
    internal Task<RotationOutcome> OutcomeAsync() => _outcome.Value;

    /// <summary>Ends a run that nobody waits for any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_outcome.IsValueCreated)
            await Task.WhenAny(_outcome.Value);
        _end.Dispose();
    }

    private async Task<RotationOutcome> RunAsync()
    {
        await using var system = await GatehouseSystem.StartAsync();
        var token = await system.CreateAccountAsync(Account);
        var ca = await system.OpenSsl.CreateCaAsync();
        await system.EnableMtlsAsync(Account, "customer1", ca, MtlsMode.STRICT);
        var pairs = await PairFolder.CreateAsync(system.Directory.Path, ca, Rotations + 1);
        var worker = system.StartDelegate(Account, token, "worker", Host, pairs.Files);
        var first = await system.ConnectedAsync(Account, "worker", mtls: true, limit: TimeSpan.FromMinutes(2));
        _begun.SetResult(first.Certificate!.SerialNumber);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        using var operations = new OperatorClient(system.Operator.BaseAddress!, (await File.ReadAllTextAsync(Path.Combine(system.Data, "operator.key"))).Trim());
        var tasks = new RotationTasks(operations, Account);
        using var load = new RotationLoad(system, Account, Host, token, pairs.Files);
        var serials = new ConcurrentDictionary<string, bool>();
        Task[] beside = [load.RunAsync(stop.Token), tasks.RunLongAsync(), tasks.RunShortAsync(stop.Token), NoteSerialsAsync(system, serials, stop.Token)];
        await RotateAsync(pairs, worker, load, serials, _end.Token);
        await stop.CancelAsync();
        await Task.WhenAll(beside);
        var refusals = await system.Operator.GetStringAsync(new Uri(Routes.Operator.AccountRefusals.Replace("{accountId}", Account, StringComparison.Ordinal), UriKind.Relative), _end.Token);
        var metrics = await MetricsAsync(worker, _end.Token);
        return new RotationOutcome(load.Sums, tasks.Sums, [.. serials.Keys], refusals, metrics, worker.Output, system.Server.Output);
    }

    /// <summary>Each is taken over by both delegates before the next comes, or was refused: on a machine that is held up for seconds one would else be missed.</summary>
    private static async Task RotateAsync(PairFolder pairs, RunningProgram worker, RotationLoad load, ConcurrentDictionary<string, bool> serials, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(s_pause);
        for (var number = 1; number <= Rotations; number++)
        {
            if (number == Mixed)
                pairs.Mix(number, number - 1);
            else if (number % 4 == 0)
                pairs.RotateCarelessly(number);
            else
                pairs.Rotate(number);
            await timer.WaitForNextTickAsync(cancel);
            var serial = PairFolder.Serial(number);
            await Eventually.TrueAsync($"rotation {number}", () => Task.FromResult(cancel.IsCancellationRequested
                || (number == Mixed ? load.Sums.FailedReloads > 0 && worker.Output.Contains("stays in use", StringComparison.Ordinal)
                    : serials.ContainsKey($"load {serial}") && worker.Output.Contains($"serial {serial}", StringComparison.Ordinal))));
        }
    }

    /// <summary>What the server says of both delegates, once a second.</summary>
    private static async Task NoteSerialsAsync(GatehouseSystem system, ConcurrentDictionary<string, bool> serials, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                foreach (var one in await system.DelegatesAsync(Account))
                {
                    if (one.Certificate is { } certificate)
                        serials[$"{one.Name} {certificate.SerialNumber}"] = true;
                }

                await Task.Delay(TimeSpan.FromSeconds(1), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private static async Task<string> MetricsAsync(RunningProgram worker, CancellationToken cancel)
    {
        var port = System.Text.RegularExpressions.Regex.Match(worker.Output, @"health on port (\d+)").Groups[1].Value;
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/metrics"), cancel);
    }
}

/// <summary>What came of it.</summary>
/// <param name="Load">Requests of the load beside.</param>
/// <param name="Tasks">The worker's tasks.</param>
/// <param name="Serials">Name of a delegate, a blank, a serial number that the server has of it.</param>
/// <param name="Refusals">What the server refused, as JSON.</param>
/// <param name="Metrics">The worker's, at the end.</param>
/// <param name="WorkerOutput">What the worker said.</param>
/// <param name="ServerOutput">What the server said.</param>
internal sealed record RotationOutcome(LoadSums Load, TaskSums Tasks, IReadOnlyList<string> Serials, string Refusals, string Metrics, string WorkerOutput, string ServerOutput);
