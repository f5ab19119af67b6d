using System.Runtime;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Operators;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.TaskOutput;
using Gatehouse.Manager.Tasks;
using Microsoft.Extensions.Hosting;

namespace Gatehouse.Manager;

/// <summary>
/// Brings the database up to date and what it holds into memory. It runs in <c>StartingAsync</c>, which the host completes for all services
/// before it starts any, so nothing listens until this is done, whatever the order of registration. Failing stops the start.
/// </summary>
public sealed class ManagerStartup : IHostedLifecycleService
{
    private readonly ManagerDatabase _database;
    private readonly OperatorKey _key;
    private readonly AccountRegistry _accounts;
    private readonly IReadOnlyList<IAccountPart> _parts;
    private readonly TaskWatch _watch;
    private readonly DelegateStreams _streams;
    private readonly OutputStore _outputs;

    internal ManagerStartup(ManagerDatabase database, OperatorKey key, AccountRegistry accounts, IEnumerable<IAccountPart> parts, TaskWatch watch, DelegateStreams streams, OutputStore outputs)
    {
        (_database, _key, _accounts, _watch, _streams, _outputs) = (database, key, accounts, watch, streams, outputs);
        _parts = [.. parts];
    }

    /// <inheritdoc />
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Nobody is served yet: collecting in one go costs less than beside the work.
        var latency = GCSettings.LatencyMode;
        GCSettings.LatencyMode = GCLatencyMode.Batch;
        try
        {
            await LoadAsync(cancellationToken);
        }
        finally
        {
            GCSettings.LatencyMode = latency;
        }
        _watch.ListeningNow();
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _database.MigrateAsync(cancellationToken);
        await _key.LoadAsync(cancellationToken);
        await _database.LoadAsync(stored =>
        {
            _accounts.Load(stored);
            // Delegates first: trust judges them and tasks look them up.
            foreach (var part in _parts.OrderByDescending(part => part is DelegateDirectory).ThenBy(part => part.Order))
                part.Load(stored);
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Before the listeners wait for requests to end: these would not by themselves.
        _streams.EndAll();
        _outputs.StopFollowers();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
