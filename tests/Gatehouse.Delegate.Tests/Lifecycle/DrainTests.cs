using Gatehouse.Client;
using Gatehouse.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class DrainTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_fleet_comes_back_over_the_whole_of_a_heartbeats_interval()
    {
        var times = Enumerable.Range(0, 200).Select(seed => New(seed).Left(isNewest: false)!.Value.TotalSeconds).ToList();
        Assert.All(times, seconds => Assert.InRange(seconds, 0, Limits.HeartbeatInterval.TotalSeconds));
        for (var second = 0; second < 10; second++)
            Assert.InRange(times.Count(time => (int)time == second), 5, 50);
    }

    [Fact]
    public void The_time_runs_once_it_is_set_and_further_rotations_do_not_put_it_off()
    {
        var drain = New(7);
        var all = drain.Left(isNewest: false)!.Value;
        _time.Advance(all / 2);
        Assert.Equal((all / 2).TotalSeconds, drain.Left(isNewest: false)!.Value.TotalSeconds, 3);
        _time.Advance(all);
        Assert.Equal(TimeSpan.Zero, drain.Left(isNewest: false));
        Assert.Null(drain.Left(isNewest: true));
        Assert.NotEqual(TimeSpan.Zero, drain.Left(isNewest: false));
    }

    private Drain New(int seed) => new(ClientIdentity.Load(new IdentityFiles(null, null, null), _time, _ => { }), new Random(seed), _time);
}
