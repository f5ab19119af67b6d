namespace Gatehouse.Load.Tests;

public sealed class WhenRoundsAreSummedUp
{
    [Theory]
    [InlineData(new[] { 3.0, 1.0, 2.0 }, 2.0, 1.0, 3.0)]
    [InlineData(new[] { 4.0, 1.0, 3.0, 2.0 }, 2.5, 1.0, 4.0)]
    [InlineData(new[] { 7.0 }, 7.0, 7.0, 7.0)]
    public void The_median_stands_between_the_extremes(double[] rounds, double median, double lowest, double highest) =>
        Assert.Equal(new Spread(median, lowest, highest), Spread.Of(rounds));

    [Theory]
    [InlineData(0.50, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0.001, 1)]
    [InlineData(1, 100)]
    public void A_percentile_is_a_value_that_was_measured(double share, double expected) =>
        Assert.Equal(expected, Spread.Percentile(Enumerable.Range(1, 100).Reverse().Select(i => (double)i), share));

    [Fact]
    public void A_ratio_is_taken_in_each_round_and_not_of_the_medians()
    {
        // The second round was disturbed for both alike.
        Cell[] ours = [CellOf(100), CellOf(400), CellOf(110)];
        Cell[] theirs = [CellOf(200), CellOf(800), CellOf(200)];
        var ratio = CpuResult.Of("", "", theirs, ours).GatehouseRatio!;
        Assert.Equal((0.5, 0.5, 0.55), (ratio.Median, ratio.Lowest, Math.Round(ratio.Highest, 9)));
    }

    private static Cell CellOf(double microseconds) => new(1, microseconds, 1, 0);
}
