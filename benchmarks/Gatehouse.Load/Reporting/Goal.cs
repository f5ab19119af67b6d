using System.Globalization;

namespace Gatehouse.Load;

/// <summary>One figure of the product's goals, and what the run found.</summary>
internal sealed record Goal
{
    /// <summary>What is measured.</summary>
    public required string What { get; init; }

    public required Spread Found { get; init; }

    /// <summary>What the product must reach; null where only a goal is set.</summary>
    public double? Must { get; init; }

    public required double Best { get; init; }

    /// <summary>Stands behind each number: <c>×</c> nginx, ms, s, MiB.</summary>
    public required string Unit { get; init; }

    public bool HigherIsBetter { get; init; }

    /// <summary>By the median: goal, must, or no.</summary>
    public string Met => Reaches(Best) ? "goal" : Must is { } must && Reaches(must) ? "must" : "**no**";

    public string Row => string.Create(CultureInfo.InvariantCulture,
        $"| {What} | {Number(Found.Median)} {Unit} ({Number(Found.Lowest)}–{Number(Found.Highest)}) | {(Must is { } must ? Bound(must) : "")} | {Bound(Best)} | {Met} |");

    private bool Reaches(double bound) => HigherIsBetter ? Found.Median >= bound : Found.Median <= bound;

    private string Bound(double bound) => string.Create(CultureInfo.InvariantCulture, $"{(HigherIsBetter ? "≥" : "≤")} {bound:0.##} {Unit}");

    private static string Number(double value) => value.ToString(Math.Abs(value) < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
