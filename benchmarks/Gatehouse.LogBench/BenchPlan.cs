namespace Gatehouse.LogBench;

/// <summary>
/// Who writes how much and who reads (log and TI sheet, §8 and §11): a CI step sends what it has once a second, a command unit of a delegate ten times a second.
/// </summary>
internal sealed record BenchPlan
{
    public const string Account = "acme";

    /// <summary>The one stream that is written faster than its slow reader reads.</summary>
    public const string Flood = "flood/0";

    public required int Writers { get; init; }
    public required int Tails { get; init; }
    public required TimeSpan WarmUp { get; init; }
    public required TimeSpan Round { get; init; }
    public required int Rounds { get; init; }

    /// <summary>Every tenth writer is a command unit.</summary>
    public static bool IsUnit(int writer) => writer % 10 == 0;

    /// <summary>Streams with a reader are spread over all.</summary>
    public bool HasTail(int writer) => writer % (Writers / Tails) == 0 && writer / (Writers / Tails) < Tails;

    public static string KeyOf(int writer) => $"{Account}/pipeline/ci/1/-run/step{writer}";

    public static (TimeSpan Interval, int Lines, int TextBytes) PaceOf(int writer) => IsUnit(writer) ? (TimeSpan.FromMilliseconds(100), 1, 100) : (TimeSpan.FromSeconds(1), 10, 100);

    public static (TimeSpan Interval, int Lines, int TextBytes) PaceOfFlood => (TimeSpan.FromMilliseconds(100), 100, 1_000);

    public int LinesPerSecond => Enumerable.Range(0, Writers).Select(PaceOf).Sum(pace => (int)(pace.Lines / pace.Interval.TotalSeconds)) + 1_000;

    public int WritesPerSecond => Enumerable.Range(0, Writers).Select(PaceOf).Sum(pace => (int)(1 / pace.Interval.TotalSeconds)) + 10;

    public static BenchPlan Of(bool quick) => quick
        ? new BenchPlan { Writers = 100, Tails = 50, WarmUp = TimeSpan.FromSeconds(2), Round = TimeSpan.FromSeconds(10), Rounds = 1 }
        : new BenchPlan { Writers = 2_000, Tails = 1_000, WarmUp = TimeSpan.FromSeconds(15), Round = TimeSpan.FromSeconds(20), Rounds = 3 };
}
