using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Pressure;

public sealed class ConnectionBudgetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger<ConnectionBudget> _log = new();

    private ConnectionBudget Of(int connections) => new(
        new GatewayOptions { AgentDomain = "agent.test", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "", MaxConnections = connections }, _time, _log);

    [Fact]
    public void Who_comes_when_it_is_full_is_turned_away_until_somebody_leaves()
    {
        var budget = Of(2);
        Assert.True(budget.TryEnter());
        Assert.True(budget.TryEnter());
        Assert.False(budget.TryEnter());
        Assert.Equal(2, budget.Open);
        budget.Leave();
        Assert.True(budget.TryEnter());
        Assert.False(budget.TryEnter());
    }

    [Fact]
    public void It_is_said_once_a_minute_with_the_count()
    {
        var budget = Of(1);
        budget.TryEnter();
        for (var i = 0; i < 1000; i++)
            budget.TryEnter();
        Assert.Contains("; 1 more", Assert.Single(_log.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        budget.TryEnter();
        Assert.Contains("; 1000 more", _log.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var budget = Of(0);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(budget.TryEnter()));
        Assert.Equal(100, budget.Open);
    }
}
