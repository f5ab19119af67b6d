using Gatehouse.Contracts;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Client.Operator;

public sealed partial class OperatorClient
{
    /// <summary>A build's test report in numbers.</summary>
    public Task<ReportSummary> GetTestSummaryAsync(string accountId, TestBuild build, CancellationToken cancellationToken) =>
        Get(Query(Path(Routes.Operator.TestSummary, accountId), build.Query()), TiJson.Default.ReportSummary, cancellationToken);

    /// <summary>A page of a build's test cases, failures first.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="build">The build.</param>
    /// <param name="failedOnly">Only those that failed.</param>
    /// <param name="search">Must be found in name, class, suite or file; several with commas. Null: all.</param>
    /// <param name="page">From 0.</param>
    /// <param name="pageSize">1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<TestCases> ListTestCasesAsync(string accountId, TestBuild build, bool failedOnly, string? search, int page, int pageSize, CancellationToken cancellationToken) =>
        Get(Query(Path(Routes.Operator.TestCases, accountId),
            [.. build.Query(), ("status", failedOnly ? "failed" : null), ("testCaseSearchTerm", search), ("pageIndex", Invariant(page)), ("pageSize", Invariant(pageSize))]),
            TiJson.Default.TestCases, cancellationToken);

    /// <summary>What a build's selections of tests came to.</summary>
    public Task<SelectionOverview> GetTestOverviewAsync(string accountId, TestBuild build, CancellationToken cancellationToken) =>
        Get(Query(Path(Routes.Operator.TestOverview, accountId), build.Query()), TiJson.Default.SelectionOverview, cancellationToken);

    /// <summary>A repository's tests in quarantine.</summary>
    public Task<QuarantinedTests> ListQuarantineAsync(string accountId, TestRepository repository, CancellationToken cancellationToken) =>
        Get(Query(Path(Routes.Operator.TestQuarantine, accountId), repository.Query()), TiJson.Default.QuarantinedTests, cancellationToken);

    /// <summary>Puts a test into quarantine until it is taken out.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="className">Its class; empty for one without.</param>
    /// <param name="test">Its name.</param>
    /// <param name="reason">For people; null: none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>All tests in quarantine then.</returns>
    public Task<QuarantinedTests> AddToQuarantineAsync(string accountId, TestRepository repository, string className, string test, string? reason, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Put, Query(Path(Routes.Operator.TestQuarantine, accountId), [.. repository.Query(), ("class", className), ("test", test), ("reason", reason)]),
            TiJson.Default.QuarantinedTests, body: null, cancellationToken);

    /// <summary>Takes a test out of quarantine, whoever put it there; signs of being flaky count from then on.</summary>
    /// <returns>All tests in quarantine then.</returns>
    public Task<QuarantinedTests> RemoveFromQuarantineAsync(string accountId, TestRepository repository, string className, string test, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Delete, Query(Path(Routes.Operator.TestQuarantine, accountId), [.. repository.Query(), ("class", className), ("test", test)]),
            TiJson.Default.QuarantinedTests, body: null, cancellationToken);
}

/// <summary>A repository of a project.</summary>
/// <param name="Org">Organisation.</param>
/// <param name="Project">Project.</param>
/// <param name="Repo">Its address.</param>
public sealed record TestRepository(string Org, string Project, string Repo)
{
    internal (string, string?)[] Query() => [("orgId", Org), ("projectId", Project), ("repo", Repo)];
}

/// <summary>A build whose tests are looked at.</summary>
/// <param name="Org">Organisation.</param>
/// <param name="Project">Project.</param>
/// <param name="Pipeline">Pipeline.</param>
/// <param name="Build">Build.</param>
/// <param name="Stage">Stage; null: all.</param>
/// <param name="Step">Step; null: all.</param>
/// <param name="Report">Name of the report; null: all.</param>
public sealed record TestBuild(string Org, string Project, string Pipeline, string Build, string? Stage = null, string? Step = null, string? Report = null)
{
    internal (string, string?)[] Query() => [("orgId", Org), ("projectId", Project), ("pipelineId", Pipeline), ("buildId", Build), ("stageId", Stage), ("stepId", Step), ("report", Report)];
}
