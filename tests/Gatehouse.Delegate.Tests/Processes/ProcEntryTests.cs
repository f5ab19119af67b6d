namespace Gatehouse.Delegate.Tests;

public sealed class ProcEntryTests
{
    private const string Rest = " 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 1000 1 18446744073709551615";

    [Theory]
    [InlineData("12 (bash) S 1 12 13" + Rest, "bash", 1, 13, false, 777)]
    [InlineData("12 (a) Z 9 (b)) Z 4 12 13" + Rest, "a) Z 9 (b)", 4, 13, true, 777)]
    public void The_name_may_hold_anything(string stat, string name, int parent, int session, bool isZombie, long start)
    {
        var entry = ProcEntry.Parse(12, stat);
        Assert.Equal(new ProcEntry(12, parent, session, isZombie, start, name), entry);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 (bash")]
    [InlineData("12 (bash) S 1")]
    [InlineData(")(")]
    [InlineData("12 (bash) S x 12 13" + Rest)]
    public void Nonsense_is_nothing(string stat) => Assert.Null(ProcEntry.Parse(12, stat));

    [Fact]
    public void This_process_is_among_all_and_shows_its_environment()
    {
        var own = Assert.Single(ProcEntry.All(), entry => entry.Pid == Environment.ProcessId);
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), own.Variable("PATH"));
        Assert.Null(own.Variable("GATEHOUSE_NO_SUCH_VARIABLE"));
        Assert.InRange(own.StartTicks, 1, ProcEntry.NowTicks() + 2);
    }
}
