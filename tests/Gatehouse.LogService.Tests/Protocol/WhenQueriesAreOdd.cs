using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Protocol;

/// <summary>Every route with queries that no client means: answered or refused, and never a fault of the service.</summary>
public sealed class WhenQueriesAreOdd
{
    private static readonly string[] s_routes =
    [
        "POST /stream", "PUT /stream", "GET /stream", "GET /stream/info", "DELETE /stream", "POST /blob", "GET /blob", "GET /blob/exists", "DELETE /blob", "POST /blob/link/upload", "POST /blob/link/download",
        "PUT /blob/upload", "GET /blob/download", "POST /blob/download", "POST /rca", "POST /stackdriver", "GET /stackdriver", "GET /token", "DELETE /internal/blob", "GET /healthz", "GET /ready/healthz",
    ];

    private static readonly string[] s_queries =
    [
        "", "key=", "key=%00", "key=%ED%A0%80", "key=a&key=b", "key=/../a//b\\c", "key=%", "key=a&prefix=true", "prefix=%00runSequence:1", "prefix=runSequence:1&prefix=x", "prefix=x/pipeline/../1/", "prefix=true&snapshot=TRUE",
        "keyList=,,", "keyList=%00,a,a", "timeout_seconds=99999999999999999999", "timeout_seconds=%00", "firstLine=9223372036854775807", "firstLine=9223372036854775808", "firstLine=-1", "key=a&firstLine=0",
        "expires=9223372036854775807&signature=%C3%A4", "expires=-1&signature=", "&&=&%&?", "AccountId=acc2", "key=" + "k%2F",
    ];

    [Fact]
    public async Task They_are_answered_or_refused()
    {
        await using var host = await LogHost.StartAsync();
        var faults = new List<string>();
        foreach (var query in s_queries)
        {
            foreach (var route in s_routes)
            {
                var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
                using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?accountID=acc1&{query}");
                request.Headers.Add("X-Harness-Token", host.TokenOf("acc1"));
                if (method is "PUT" or "POST")
                    request.Content = new StringContent($"[{LogHost.Line("x")}]");
                // A tail has no end of its own.
                using var answer = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                if ((int)answer.StatusCode >= 500 || answer.Headers.Location is not null)
                    faults.Add($"{route} {query}: {answer.StatusCode}");
            }
        }

        Assert.Empty(faults);
        Assert.DoesNotContain(host.Logs, line => line.Contains("failed (trace id", StringComparison.Ordinal));
    }
}
