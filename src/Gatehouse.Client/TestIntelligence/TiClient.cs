using System.Globalization;
using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Client;

/// <summary>
/// The TI service as calls of one step (log and TI sheet §7). Every call throws <see cref="RequestRefusedException"/> when the answer is no,
/// <see cref="ConnectionFailedException"/> when there is none, and <see cref="OperationCanceledException"/> only when its caller cancels. What can be sent again
/// without counting twice is, a few times, when the service is away.
/// </summary>
public sealed class TiClient
{
    private static readonly TimeSpan s_question = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_upload = TimeSpan.FromMinutes(5);

    private readonly TiTransport _transport;
    private readonly TiStep _step;

    /// <summary>Makes one.</summary>
    /// <param name="http">Connections; the caller's to dispose of.</param>
    /// <param name="service">The service's address with the slash at its end, for example <c>https://customer1.agent.example.io:8443/ti-service/</c>.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="token">A token of the TI service for that account.</param>
    /// <param name="step">Which step of which build.</param>
    /// <param name="time">The clock of the limits.</param>
    public TiClient(AgentHttp http, Uri service, string accountId, string token, TiStep step, TimeProvider time)
    {
        _transport = new TiTransport(http, service, token, time);
        _step = step;
        Project = [("accountId", accountId), ("orgId", step.Org), ("projectId", step.Project)];
    }

    private (string Name, string Value)[] Project { get; }

    private (string Name, string Value)[] Step =>
        [.. Project, ("pipelineId", _step.Pipeline), ("buildId", _step.Build), ("stageId", _step.Stage), ("stepId", _step.Step), ("repo", _step.Repository)];

    private (string Name, string Value)[] Commit => [.. Step, ("sha", _step.Sha), ("source", _step.SourceBranch), ("target", _step.TargetBranch)];

    /// <summary>The last commit of the target branch whose tests are accounted for; null when there is none: then everything runs.</summary>
    public async Task<string?> LastGoodCommitAsync(CancellationToken cancel)
    {
        var commit = await _transport.AskAsync(HttpMethod.Get, "vcs/commitinfo", [.. Step, ("branch", _step.TargetBranch)], null, TiJson.Default.CommitInfo, s_question, cancel);
        return string.IsNullOrEmpty(commit?.CommitId) ? null : commit.CommitId;
    }

    /// <summary>Which tests to run for these changes. The answer is kept there and repeated: asking again is safe.</summary>
    public async Task<SelectTestsResponse> SelectAsync(SelectTestsRequest request, CancellationToken cancel) => Answer(await _transport.AskAsync(
        HttpMethod.Post, "tests/select", Commit, JsonSerializer.SerializeToUtf8Bytes(request, TiJson.Default.SelectTestsRequest), TiJson.Default.SelectTestsResponse, s_question, cancel));

    /// <summary>Which test files may be left out, with these files.</summary>
    public async Task<SkipTestsResponse> SkipListAsync(SkipTestsRequest request, CancellationToken cancel) => Answer(await _transport.AskAsync(
        HttpMethod.Post, "v2/select", [.. Project, ("repo", _step.Repository)], JsonSerializer.SerializeToUtf8Bytes(request, TiV2Json.Default.SkipTestsRequest), TiV2Json.Default.SkipTestsResponse, s_question, cancel));

    /// <summary>Adds test cases to the step's report. Sent once: what is sent twice would count twice.</summary>
    /// <param name="report">Name of the report, for example <c>junit</c>.</param>
    /// <param name="cases">The cases, at most 500,000.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task WriteReportAsync(string report, IReadOnlyList<TestCase> cases, CancellationToken cancel) => _transport.SendOnceAsync(
        "reports/write", [.. Step, ("report", report), ("sha", _step.Sha), ("commitLink", _step.CommitLink)],
        JsonSerializer.SerializeToUtf8Bytes(cases, TiJson.Default.IReadOnlyListTestCase), s_upload, cancel);

    /// <summary>Uploads the call graph of what ran.</summary>
    /// <param name="avro">The record in Avro's binary encoding, without a container.</param>
    /// <param name="someFailed">The command failed: a test that broke off may not have come to all that it reaches.</param>
    /// <param name="elapsed">How long the command took.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task UploadCallGraphAsync(ReadOnlyMemory<byte> avro, bool someFailed, TimeSpan elapsed, CancellationToken cancel) => _transport.AskAsync<object>(
        HttpMethod.Post, "tests/uploadcg",
        [.. Commit, ("timeMs", Milliseconds(elapsed)), someFailed ? ("hasFailedTests", "true") : ("schemaVersion", "1.1")],
        JsonSerializer.SerializeToUtf8Bytes(Convert.ToBase64String(avro.Span), TiTextJson.Default.String), null, s_upload, cancel);

    /// <summary>Uploads the chains of what ran, as <c>/v2/uploadcg</c> takes them.</summary>
    public Task UploadChainsAsync(byte[] json, TimeSpan elapsed, CancellationToken cancel) => _transport.AskAsync<object>(
        HttpMethod.Post, "v2/uploadcg", [.. Step, ("timeMs", Milliseconds(elapsed)), ("sourceBranch", _step.SourceBranch), ("targetBranch", _step.TargetBranch)], json, null, s_upload, cancel);

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static T Answer<T>(T? answer)
        where T : class => answer ?? throw new ConnectionFailedException(ConnectionFaultKind.Interrupted, "The TI service answered without a body.", "Look at the server's log.", null);
}
