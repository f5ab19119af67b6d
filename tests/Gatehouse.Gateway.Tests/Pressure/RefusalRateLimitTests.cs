using System.Net;
using Gatehouse.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Pressure;

public sealed class RefusalRateLimitTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("10.0.0.1");
    private static readonly EndpointSnapshot s_a = Endpoint("a"), s_b = Endpoint("b");
    private readonly FakeTimeProvider _time = new();
    private readonly RefusalRateLimit _limit;

    public RefusalRateLimitTests() => _limit = new RefusalRateLimit(5, _time);

    [Fact]
    public void A_burst_is_admitted_then_as_many_a_second_as_configured()
    {
        Assert.Equal(50, Storm(s_a, 1000));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, Storm(s_a, 1000));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(50, Storm(s_a, 1000));
    }

    [Fact]
    public void Other_endpoints_and_other_addresses_notice_nothing()
    {
        Storm(s_a, 1000);
        Assert.False(_limit.TryAdmit(s_a, s_address));
        Assert.True(_limit.TryAdmit(s_b, s_address));
        Assert.True(_limit.TryAdmit(null, s_address));
        Assert.True(_limit.TryAdmit(s_a, IPAddress.Parse("10.0.0.2")));
        Assert.False(_limit.TryAdmit(s_a, IPAddress.Parse("::ffff:10.0.0.1")));
    }

    [Fact]
    public void An_IPv6_network_is_one_client()
    {
        var (one, same, other) = (IPAddress.Parse("2001:db8:1:1::1"), IPAddress.Parse("2001:db8:1:1:ffff::2"), IPAddress.Parse("2001:db8:1:2::1"));
        for (var i = 0; i < 50; i++)
            _limit.Refused(s_a, one);
        Assert.False(_limit.TryAdmit(s_a, same));
        Assert.True(_limit.TryAdmit(s_a, other));
    }

    [Fact]
    public void Who_is_accepted_is_never_slowed_down_by_it()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Assert.True(_limit.TryAdmit(s_a, s_address));
            _limit.Accepted(s_a, s_address);
        }
    }

    [Fact]
    public void Where_delegates_are_accepted_ten_times_as_much_is_allowed_for_a_day()
    {
        _limit.Accepted(s_a, s_address);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(500, Storm(s_a, 5000));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(50, Storm(s_a, 1000));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(50, Storm(s_a, 1000));
    }

    [Fact]
    public void What_was_admitted_side_by_side_is_paid_back()
    {
        for (var i = 0; i < 500; i++)
            _limit.Refused(s_a, s_address);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(_limit.TryAdmit(s_a, s_address));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_limit.TryAdmit(s_a, s_address));
    }

    [Fact]
    public void Addresses_without_end_take_bounded_memory()
    {
        for (var i = 0; i < 10 * RefusalRateLimit.MaxBuckets; i++)
        {
            _limit.Refused(s_a, new IPAddress(i + 1));
            _time.Advance(TimeSpan.FromTicks(1));
        }
        Assert.InRange(_limit.Buckets, RefusalRateLimit.MaxBuckets / 2, RefusalRateLimit.MaxBuckets);
    }

    [Fact]
    public void Zero_switches_it_off()
    {
        var off = new RefusalRateLimit(0, _time);
        for (var i = 0; i < 1000; i++)
            off.Refused(s_a, s_address);
        Assert.True(off.TryAdmit(s_a, s_address));
        Assert.Equal(0, off.Buckets);
    }

    [Fact]
    public void Asking_and_counting_allocate_nothing()
    {
        Storm(s_a, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _limit.TryAdmit(s_a, s_address);
            _limit.Refused(s_a, s_address);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private int Storm(EndpointSnapshot endpoint, int attempts)
    {
        var admitted = 0;
        for (var i = 0; i < attempts; i++)
        {
            if (!_limit.TryAdmit(endpoint, s_address))
                continue;
            admitted++;
            _limit.Refused(endpoint, s_address);
        }
        return admitted;
    }

    private static EndpointSnapshot Endpoint(string account) => new(new EndpointTrust(account, 1, $"{account}.agent.test", null, MtlsMode.STRICT, default));
}
