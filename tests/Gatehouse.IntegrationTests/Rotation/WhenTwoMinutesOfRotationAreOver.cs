using System.Globalization;
using System.Text.RegularExpressions;

namespace Gatehouse.IntegrationTests;

/// <summary>Last of all, so that nobody has to wait for it.</summary>
[CollectionDefinition(nameof(WhenTwoMinutesOfRotationAreOver), DisableParallelization = true)]
[Collection(nameof(WhenTwoMinutesOfRotationAreOver))]
public sealed partial class WhenTwoMinutesOfRotationAreOver(RotationRun run)
{
    private const int Good = RotationRun.Rotations - 1;

    [Fact]
    public async Task No_request_failed_and_no_line_is_missing()
    {
        var outcome = await run.OutcomeAsync();
        TestContext.Current.SendDiagnosticMessage($"{outcome.Load.Requests} requests, {outcome.Tasks.Whole} tasks with {outcome.Tasks.Lines} lines, {outcome.Serials.Count} serials, {Renewed().Count(outcome.WorkerOutput)} streams renewed.");
        Assert.Empty(outcome.Load.Failures);
        Assert.Equal(0, outcome.Load.Unanswered);
        Assert.True(outcome.Load.Requests > 1000, $"{outcome.Load.Requests} requests: no load to speak of.");
        Assert.Empty(outcome.Tasks.Faults);
        Assert.True(outcome.Tasks is { Whole: > 15, Lines: > 350 }, $"{outcome.Tasks}");
        Assert.Equal("[]", outcome.Refusals);

        // The worker's own requests: those to manager and log service, and the opening of its streams.
        foreach (var service in new[] { "manager", "log-service" })
        {
            Assert.Equal(0, Sample(outcome.Metrics, $"exchange_total{{delegate_name=\"worker\",service=\"{service}\",result=\"unanswered\"}}"));
            Assert.True(Sample(outcome.Metrics, $"exchange_total{{delegate_name=\"worker\",service=\"{service}\",result=\"answered\"}}") > 100, outcome.Metrics);
        }

        Assert.DoesNotContain("ERROR", outcome.WorkerOutput, StringComparison.Ordinal);
        Assert.DoesNotContain(" fail: ", outcome.ServerOutput, StringComparison.Ordinal);
    }

    /// <summary>The first pair may have been replaced before the server was asked; what must never be seen is the one that is none.</summary>
    [Fact]
    public async Task The_server_saw_the_certificates_one_after_the_other_and_never_the_one_with_anothers_key()
    {
        var outcome = await run.OutcomeAsync();
        var good = Enumerable.Range(0, RotationRun.Rotations + 1).Where(number => number != RotationRun.Mixed).Select(PairFolder.Serial);
        var seen = outcome.Serials.Where(one => one.StartsWith("load ", StringComparison.Ordinal)).Select(one => one["load ".Length..]).ToList();
        Assert.Empty(seen.Except(good));
        Assert.InRange(seen.Count, Good, Good + 1);
        Assert.Equal(Good, outcome.Load.Reloads);
        Assert.Equal(Good, Sample(outcome.Metrics, "reload_total{delegate_name=\"worker\",result=\"loaded\"}"));
        Assert.True(outcome.Load.FailedReloads >= 1 && Sample(outcome.Metrics, "reload_total{delegate_name=\"worker\",result=\"refused\"}") >= 1, outcome.WorkerOutput);
        Assert.Equal(1, Sample(outcome.Metrics, "cert_on_disk_in_use{delegate_name=\"worker\"}"));
    }

    [Fact]
    public async Task Streams_were_renewed_and_none_broke()
    {
        var outcome = await run.OutcomeAsync();
        var closed = Closed().Count(outcome.WorkerOutput);
        var renewed = Renewed().Count(outcome.WorkerOutput);
        Assert.True(renewed is > 5 and <= Good, $"{renewed} renewals:\n{outcome.WorkerOutput}");
        Assert.Equal(renewed, closed);
    }

    private static long Sample(string metrics, string series) => long.Parse(
        metrics.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..], CultureInfo.InvariantCulture);

    [GeneratedRegex("The stream is closed, polling instead: ")]
    private static partial Regex Closed();

    [GeneratedRegex("The stream is closed, polling instead: the client certificate or the server roots were replaced")]
    private static partial Regex Renewed();
}
