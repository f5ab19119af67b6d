using System.Diagnostics.Metrics;
using Gatehouse.Manager.Delegates;

namespace Gatehouse.Manager;

/// <summary>The manager's figures. No account, delegate or task id is a tag: those are in logs.</summary>
internal sealed class ManagerMetrics
{
    public const string MeterName = "Gatehouse.Manager";

    // Seconds. Where nothing is advised the first bucket ends at five of them.
    private static readonly InstrumentAdvice<double> s_buckets = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900] };

    private readonly Counter<long> _tasks;
    private readonly Histogram<double> _waited;
    private readonly Histogram<int> _heartbeats;

    public ManagerMetrics(IMeterFactory meters, DelegateDirectory delegates, Revocation.CrlWatch crls)
    {
        var meter = meters.Create(MeterName);
        _tasks = meter.CreateCounter<long>("gatehouse.manager.tasks", "{task}", "Tasks that were queued, started or ended");
        _waited = meter.CreateHistogram<double>("gatehouse.manager.task.wait", "s", "Time from queue to acquire", tags: null, s_buckets);
        _heartbeats = meter.CreateHistogram<int>("gatehouse.manager.heartbeat.batch", "{heartbeat}", "Heartbeats written in one transaction");
        meter.CreateObservableGauge("gatehouse.manager.delegates.connected", () => delegates.All.Count(delegates.IsConnected), "{delegate}", "Delegates that count as connected");
        meter.CreateObservableGauge("gatehouse.manager.streams", () => delegates.All.Count(state => state.Stream is not null), "{connection}", "Open streams");
        meter.CreateObservableGauge("gatehouse.manager.crls", crls.Measure, "{crl}", "CRLs that are due (near their nextUpdate), stale (past it and still counted) or refusing (past it, everybody is refused)");
    }

    /// <param name="state">A name of <see cref="Storage.TaskState"/>, in lower case: a closed list.</param>
    public void TaskBecame(string state) => _tasks.Add(1, new KeyValuePair<string, object?>("gatehouse.task.state", state));

    public void TaskWaited(TimeSpan waited) => _waited.Record(waited.TotalSeconds);

    public void HeartbeatsWritten(int count) => _heartbeats.Record(count);
}
