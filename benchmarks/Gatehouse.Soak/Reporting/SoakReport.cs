using Gatehouse.Soak.Oracle;
using Gatehouse.Soak.Watching;

namespace Gatehouse.Soak.Reporting;

/// <summary>What a run found.</summary>
internal sealed class SoakReport
{
    public required SoakPlan Plan { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required SoakCounts Counts { get; init; }
    public required Sample Before { get; init; }
    public required Sample After { get; init; }
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>Versions of trust over all accounts.</summary>
    public required int Versions { get; init; }

    /// <summary>After SIGTERM; null when it did not end in time, or had ended before.</summary>
    public required int? ExitCode { get; init; }

    public required Violations Violations { get; init; }

    /// <summary>Samples after the warm-up.</summary>
    public IReadOnlyList<Sample> Settled => [.. Samples.Where(s => s.At - Samples[0].At >= Plan.WarmUp.TotalMilliseconds)];
}
