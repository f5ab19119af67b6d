using System.Net;

namespace Gatehouse.Gateway.Tests.Pressure;

public sealed class ConnectionSharesTests
{
    private static ConnectionShares Of(int connections, int handshakes = 0) => new(
        new GatewayOptions { AgentDomain = "", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "", MaxConnections = connections, MaxConcurrentHandshakes = handshakes });

    private static int Take(ConnectionShares shares, ConnectionOwner owner)
    {
        var taken = 0;
        while (taken < 100_000 && shares.TryTake(owner))
            taken++;
        return taken;
    }

    [Fact]
    public void One_owner_gets_four_fifths_and_whoever_comes_next_finds_room()
    {
        var shares = Of(1000);
        Assert.Equal(800, Take(shares, ConnectionOwner.Of("a")));
        Assert.False(shares.HasRoom(ConnectionOwner.Of("a")));
        for (var i = 0; i < 100; i++)
            Assert.True(shares.TryTake(ConnectionOwner.Of($"b{i}")), $"No room for account {i + 2}.");
        // It gave nothing up, and gets no more before others go.
        shares.GiveBack(ConnectionOwner.Of("a"));
        Assert.False(shares.TryTake(ConnectionOwner.Of("a")));
    }

    [Fact]
    public void Two_that_take_turns_get_the_same()
    {
        var shares = Of(900);
        var taken = new int[2];
        for (var i = 0; i < 2000; i++)
            taken[i % 2] += shares.TryTake(ConnectionOwner.Of($"{i % 2}")) ? 1 : 0;
        Assert.Equal([400, 400], taken);
    }

    [Fact]
    public void Who_is_not_in_yet_has_a_part_of_the_room_for_himself_and_at_most_half()
    {
        Assert.Equal(600, Take(Of(1000, handshakes: 125), ConnectionOwner.Of("a")));
        Assert.Equal(400, Take(Of(1000, handshakes: 4096), ConnectionOwner.Of("a")));
        Assert.Equal(1, Take(Of(2, handshakes: 4096), ConnectionOwner.Of("a")));
    }

    [Fact]
    public void Without_a_certificate_the_address_has_the_share_and_an_account_loses_nothing()
    {
        var shares = Of(1000);
        Assert.Equal(800, Take(shares, ConnectionOwner.Of(IPAddress.Parse("2001:db8::1"))));
        Assert.False(shares.HasRoom(ConnectionOwner.Of(IPAddress.Parse("2001:db8::2")))); // The same customer's.
        Assert.True(shares.HasRoom(ConnectionOwner.Of(IPAddress.Parse("10.0.0.1"))));
        Assert.True(shares.HasRoom(ConnectionOwner.Of("")));
    }

    [Fact]
    public void What_is_given_back_leaves_no_trace()
    {
        var shares = Of(1000);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.True(shares.TryTake(ConnectionOwner.Of($"{i}")));
            shares.GiveBack(ConnectionOwner.Of($"{i}"));
        }
        Assert.Equal(0, shares.Held);
        Assert.Equal(800, Take(shares, ConnectionOwner.Of("a")));
    }

    [Fact]
    public void Without_a_limit_there_are_no_shares()
    {
        var shares = Of(0);
        Assert.Equal(100_000, Take(shares, ConnectionOwner.Of("a")));
        shares.GiveBack(ConnectionOwner.Of("a"));
        Assert.Equal(0, shares.Held);
    }
}
