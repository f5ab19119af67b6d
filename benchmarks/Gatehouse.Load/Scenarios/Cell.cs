using System.Diagnostics;

namespace Gatehouse.Load;

/// <summary>One measured stretch: one server, one kind of operation, one round.</summary>
/// <param name="Operations">Correct answers.</param>
/// <param name="CpuMicroseconds">utime + stime of the server's processes.</param>
/// <param name="WallMicroseconds">From the first operation to the last.</param>
/// <param name="ForeignShare">Part of the time in which the server's core was busy with anything else, 0 to 1.</param>
internal sealed record Cell(long Operations, double CpuMicroseconds, double WallMicroseconds, double ForeignShare)
{
    // The last connections are still being closed when the last answer is in.
    private static readonly TimeSpan s_closing = TimeSpan.FromMilliseconds(100);

    public double MicrosecondsPerOperation => CpuMicroseconds / Operations;
    public double OperationsPerSecond => Operations / WallMicroseconds * 1_000_000;
    public double BusyShare => CpuMicroseconds / WallMicroseconds;

    public static async Task<Cell> MeasureAsync(int processId, Func<Task<long>> load, CancellationToken cancellationToken)
    {
        var (cpu, core, watch) = (ProcessTree.CpuMicroseconds(processId), CoreClock.BusyMicroseconds(BenchPlan.ServerCore), Stopwatch.StartNew());
        var operations = await load();
        var loaded = watch.Elapsed.TotalMicroseconds;
        await Task.Delay(s_closing, cancellationToken);
        var used = ProcessTree.CpuMicroseconds(processId) - cpu;
        var foreign = CoreClock.BusyMicroseconds(BenchPlan.ServerCore) - core - used;
        if (operations == 0)
            throw new BenchFailedException("Not one operation was completed.");
        return new Cell(operations, used, loaded, Math.Max(0, foreign / watch.Elapsed.TotalMicroseconds));
    }
}
