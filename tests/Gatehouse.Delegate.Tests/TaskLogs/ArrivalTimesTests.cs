namespace Gatehouse.Delegate.Tests;

public sealed class ArrivalTimesTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_byte_has_the_time_of_the_mark_before_it()
    {
        var times = new ArrivalTimes();
        times.Mark(0, s_start);
        times.Mark(10, s_start.AddSeconds(1));
        Assert.Equal([s_start, s_start, s_start.AddSeconds(1), s_start.AddSeconds(1)], new[] { 0L, 9, 10, 1000 }.Select(times.At));
    }

    [Fact]
    public void A_long_task_is_remembered_less_exactly_and_never_wrongly()
    {
        var times = new ArrivalTimes();
        for (var i = 0; i < 100_000; i++)
            times.Mark(i, s_start.AddSeconds(i));
        for (var i = 0; i < 100_000; i += 777)
            Assert.InRange(times.At(i), s_start.AddSeconds(i - 64), s_start.AddSeconds(i));
    }
}
