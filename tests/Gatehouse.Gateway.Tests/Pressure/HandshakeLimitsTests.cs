using System.Net;
using Gatehouse.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Pressure;

public sealed class HandshakeLimitsTests
{
    private static readonly EndpointSnapshot s_a = Endpoint("a"), s_b = Endpoint("b");
    private readonly FakeTimeProvider _time = new();
    private readonly HandshakeLimits _limits;

    public HandshakeLimitsTests() => _limits = new(
        new GatewayOptions { AgentDomain = "", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "", MaxConcurrentHandshakes = 20, MaxHandshakesPerEndpoint = 8 }, _time);

    [Fact]
    public void When_too_many_say_nothing_the_oldest_goes_and_the_newcomer_gets_in()
    {
        var connections = Enumerable.Range(0, 100).Select(i => new Connection(i)).ToList();
        var slots = connections.ConvertAll(_limits.Enter);
        Assert.Equal(20, _limits.Waiting);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i < 80), connections.Select(c => c.IsCut));
        Assert.True(slots[99].TryAdmit(s_a, "a.agent.test", "10.0.0.1"));
        Assert.Equal((19, 1), (_limits.Waiting, _limits.InProgress));
        foreach (var slot in slots)
            slot.Dispose();
        Assert.Equal((0, 0), (_limits.Waiting, _limits.InProgress));
    }

    [Fact]
    public void One_endpoint_has_its_share_and_one_address_half_of_it()
    {
        var ofOne = Admit(s_a, 100, address: _ => 1);
        Assert.Equal(4, ofOne.Count(slot => slot.TurnedAway is null));
        var ofMany = Admit(s_a, 100, address: i => 2 + i);
        Assert.Equal(4, ofMany.Count(slot => slot.TurnedAway is null));
        Assert.All(ofMany.Skip(4), slot => Assert.Equal(RefusalCode.RateLimited, slot.TurnedAway!.Code));
        Assert.Equal(8, Admit(s_b, 100, address: i => i).Count(slot => slot.TurnedAway is null));

        ofOne[0].Dispose();
        ofOne[0].Dispose();
        Assert.Equal(1, Admit(s_a, 100, address: i => 200 + i).Count(slot => slot.TurnedAway is null));
    }

    [Fact]
    public void Who_asks_twice_has_one_place()
    {
        using (var slot = _limits.Enter(new Connection(1)))
        {
            Assert.True(slot.TryAdmit(s_a, "a.agent.test", "10.0.0.1"));
            Assert.True(slot.TryAdmit(s_b, "b.agent.test", "10.0.0.1"));
            Assert.Equal((0, 1), (_limits.Waiting, _limits.InProgress));
        }
        Assert.Equal(0, _limits.InProgress);
        Assert.Equal(8, Admit(s_a, 100, address: i => i).Count(slot => slot.TurnedAway is null));
    }

    [Fact]
    public void All_endpoints_together_have_a_limit()
    {
        Assert.Equal(20, Enumerable.Range(0, 10).Sum(i => Admit(Endpoint($"e{i}"), 10, address: n => n).Count(slot => slot.TurnedAway is null)));
        Assert.Equal(20, _limits.InProgress);
    }

    [Fact]
    public void Who_stalls_from_many_addresses_gives_way_after_a_second()
    {
        var stalled = Admit(s_a, 8, address: i => i);
        Assert.All(Admit(s_a, 8, address: i => 10 + i), slot => Assert.NotNull(slot.TurnedAway));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(Admit(s_a, 8, address: i => 20 + i), slot => Assert.Null(slot.TurnedAway));
        Assert.All(Admit(s_a, 8, address: i => 30 + i), slot => Assert.NotNull(slot.TurnedAway));
        Assert.Equal(8, _limits.InProgress);
        // They have no place any more, and give none back.
        stalled.ForEach(slot => slot.Dispose());
        Assert.Equal(8, _limits.InProgress);
        Assert.All(Admit(s_a, 8, address: i => 40 + i), slot => Assert.NotNull(slot.TurnedAway));
    }

    [Fact]
    public void When_all_endpoints_stall_the_oldest_gives_way_wherever_it_is()
    {
        var stalled = Enumerable.Range(0, 5).SelectMany(i => Admit(Endpoint($"e{i}"), 4, address: n => n)).ToList();
        Assert.NotNull(Admit(s_a, 1, address: _ => 1).Single().TurnedAway);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Admit(s_a, 1, address: _ => 1).Single().TurnedAway);
        Assert.Equal(20, _limits.InProgress);
        stalled.ForEach(slot => slot.Dispose());
        Assert.Equal(1, _limits.InProgress);
    }

    [Fact]
    public void An_attempt_that_comes_to_nothing_counts_once_however_it_ends()
    {
        for (var i = 0; i < 200; i++)
        {
            using var slot = _limits.Enter(new Connection(1));
            if (!slot.TryAdmit(s_a, "a.agent.test", "10.0.0.1"))
            {
                Assert.Equal(50, i);
                return;
            }
            if (i % 2 == 0)
                slot.Refused();
        }
        Assert.Fail("Nobody was turned away.");
    }

    [Fact]
    public void Accepted_attempts_do_not_count()
    {
        for (var i = 0; i < 1000; i++)
        {
            using var slot = _limits.Enter(new Connection(1));
            Assert.True(slot.TryAdmit(s_a, "a.agent.test", "10.0.0.1"));
            slot.Accepted();
        }
    }

    private List<HandshakeSlot> Admit(EndpointSnapshot endpoint, int count, Func<int, int> address) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var slot = _limits.Enter(new Connection(address(i)));
        slot.TryAdmit(endpoint, "x.agent.test", "10.0.0.1");
        return slot;
    })];

    private static EndpointSnapshot Endpoint(string account) => new(new EndpointTrust(account, 1, $"{account}.agent.test", null, MtlsMode.STRICT, default));

    private sealed class Connection : DefaultConnectionContext
    {
        public Connection(int address) => RemoteEndPoint = new IPEndPoint(new IPAddress(address + 0x0A000000), 1);

        public bool IsCut { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsCut = true;
    }
}
