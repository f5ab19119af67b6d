using System.Net;
using Gatehouse.Client;

namespace Gatehouse.Delegate.Tests;

public sealed class RetryPaceTests
{
    public static TheoryData<string, double, double> Failures => new()
    {
        { "away", 0.375, 5 },
        { "broken", 0.75, 60 },
        { "refused", 11.25, 60 },
        { "token", 45, 60 },
        { "busy", 0.75, 10 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void It_backs_off_between_its_bounds_with_jitter(string failure, double least, double most)
    {
        var pace = new RetryPace(new Random(1));
        var pauses = Enumerable.Range(0, 40).Select(_ => pace.Next(Failure(failure)).TotalSeconds).ToList();
        Assert.InRange(pauses.Min(), least, most);
        Assert.InRange(pauses.Max(), least, most);
        Assert.InRange(pauses[^1], most * 0.75, most);
        Assert.True(pauses.Distinct().Count() > 30, "no jitter");
        pace.Reset();
        Assert.True(pace.Next(Failure(failure)).TotalSeconds < Math.Max(2, least * 1.4));
    }

    [Fact]
    public void A_credential_from_a_wrong_clock_is_renewed_at_once_the_first_time()
    {
        var pace = new RetryPace(new Random(1));
        var expired = new RequestRefusedException("EXPIRED_TOKEN", "", "", HttpStatusCode.Unauthorized);
        Assert.True(pace.Next(expired).TotalSeconds <= 1);
        Assert.True(pace.Next(expired).TotalSeconds >= 45);
    }

    private static Exception Failure(string name) => name switch
    {
        "away" => new ConnectionFailedException(ConnectionFaultKind.NotReachable, "", "", null),
        "broken" => new ConnectionFailedException(ConnectionFaultKind.NameNotFound, "", "", null),
        "refused" => new RequestRefusedException("mtls_required", "", "", HttpStatusCode.Forbidden),
        "token" => new RequestRefusedException("INVALID_TOKEN", "", "", HttpStatusCode.Unauthorized),
        _ => new RequestRefusedException("HTTP_503", "", "", HttpStatusCode.ServiceUnavailable),
    };
}
