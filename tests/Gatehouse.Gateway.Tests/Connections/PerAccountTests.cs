namespace Gatehouse.Gateway.Tests.Connections;

public sealed class PerAccountTests
{
    [Fact]
    public void Made_up_accounts_leave_no_trace()
    {
        var sets = new PerAccount<object>();
        for (var i = 0; i < 1000; i++)
        {
            var item = new object();
            sets.Add($"account-{i}", item);
            sets.Remove($"account-{i}", item);
        }
        Assert.Equal(0, sets.Accounts);
    }

    [Fact]
    public void One_accounts_things_are_its_own()
    {
        var sets = new PerAccount<string>();
        sets.Add("a", "x");
        sets.Add("a", "y");
        sets.Add("b", "z");
        Assert.Equal(["x", "y"], sets.Of("a").Order());
        Assert.Empty(sets.Of("c"));
        sets.Remove("a", "x");
        sets.Remove("b", "x");
        Assert.Equal(["y"], sets.Of("a"));
        Assert.True(sets.Has("b"));
        sets.Remove("b", "z");
        Assert.False(sets.Has("b"));
    }
}
