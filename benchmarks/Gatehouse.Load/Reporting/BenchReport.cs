namespace Gatehouse.Load;

/// <summary>Everything one run found; what <c>benchmarks/results/</c> keeps.</summary>
internal sealed record BenchReport
{
    public required DateTimeOffset At { get; init; }
    public required string Command { get; init; }
    public required MachineFacts Machine { get; init; }
    public required BenchPlan Plan { get; init; }

    /// <summary>Load average over one minute before the run.</summary>
    public required double LoadBefore { get; init; }

    public double MinutesTaken { get; set; }

    /// <summary>Null when the scenario was not asked for.</summary>
    public IReadOnlyList<CpuResult>? Handshakes { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public IReadOnlyList<CpuResult>? Resumed { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public IReadOnlyList<CpuResult>? Requests { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public IReadOnlyList<CpuResult>? Http2 { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public EndpointsResult? Endpoints { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public IReadOnlyList<IdleResult>? Idle { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public IReadOnlyList<ChangeResult>? Change { get; set; }

    /// <inheritdoc cref="Handshakes"/>
    public TaskResult? Tasks { get; set; }
}
