namespace Gatehouse.Load.Tests;

public sealed class WhenGoalsAreJudged
{
    [Theory]
    [InlineData(0.44, "goal")]
    [InlineData(0.45, "goal")]
    [InlineData(0.46, "must")]
    [InlineData(0.60, "must")]
    [InlineData(0.61, "**no**")]
    public void Less_is_better_for_costs(double found, string met) => Assert.Equal(met, GoalOf(found, must: 0.60, best: 0.45).Met);

    [Theory]
    [InlineData(1.2, "goal")]
    [InlineData(0.9, "must")]
    [InlineData(0.8, "**no**")]
    public void More_is_better_for_rates(double found, string met) => Assert.Equal(met, (GoalOf(found, must: 0.85, best: 1.1) with { HigherIsBetter = true }).Met);

    [Fact]
    public void Without_a_must_only_the_goal_counts() => Assert.Equal("**no**", GoalOf(0.73, must: null, best: 0.72).Met);

    [Fact]
    public void A_run_that_did_not_measure_something_does_not_judge_it() => Assert.Empty(Goals.Of(Report));

    [Fact]
    public void Fewer_endpoints_than_the_goal_speaks_of_are_not_judged() => Assert.Empty(Goals.Of(Report with { Endpoints = EndpointsOf(5_000) }));

    [Fact]
    public void One_dropped_connection_is_one_too_many()
    {
        var goals = Goals.Of(Report with { Endpoints = EndpointsOf(100_000) with { Dropped = 1 } });
        Assert.Equal("**no**", goals.Single(g => g.What == "connections dropped by it").Met);
        Assert.Equal("goal", goals.Single(g => g.What == "one more endpoint at 100,000: visible after").Met);
    }

    private static Goal GoalOf(double found, double? must, double best) => new() { What = "", Found = Spread.Of([found]), Must = must, Best = best, Unit = "×" };

    private static EndpointsResult EndpointsOf(int count) => new()
    {
        Endpoints = count,
        StartSeconds = Spread.Of([1]),
        ResidentMiB = Spread.Of([150]),
        VisibleMilliseconds = Spread.Of([4]),
        Held = 200,
        Dropped = 0,
        NginxEndpoints = 1,
        NginxStartSeconds = 1,
        NginxResidentMiB = 1,
        NginxVisibleSeconds = Spread.Of([1]),
        NginxDropped = Spread.Of([200]),
    };

    private static BenchReport Report => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Command = "",
        Plan = BenchPlan.Quick,
        LoadBefore = 0,
        Machine = new MachineFacts
        {
            Cpu = "",
            Cores = 2,
            MemoryMiB = 1,
            Kernel = "",
            Distribution = "",
            Runtime = "",
            OpenSsl = "",
            Nginx = "",
            Haproxy = "",
            Caddy = "",
            Commit = "",
        },
    };
}
