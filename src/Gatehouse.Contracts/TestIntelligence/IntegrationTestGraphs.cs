namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>What integration tests reached in the services they called (log and TI sheet §7).</summary>
/// <param name="TestRepoUrl">The tests' repository.</param>
/// <param name="Graph">By service.</param>
public sealed record IntegrationTestGraph(string? TestRepoUrl, IReadOnlyList<IntegrationTestService>? Graph);

/// <summary>A service that tests called.</summary>
/// <param name="Service">Which.</param>
/// <param name="Tests">The tests.</param>
public sealed record IntegrationTestService(ServiceAddress? Service, IReadOnlyList<IntegrationTest>? Tests);

/// <summary>A service's address.</summary>
/// <param name="Host">Host.</param>
/// <param name="Port">Port.</param>
/// <param name="ServiceName">Name.</param>
public sealed record ServiceAddress(string? Host, int Port, string? ServiceName = null);

/// <summary>A test file, and what it reached.</summary>
/// <param name="TestFilePath">The file.</param>
/// <param name="TestChecksum">Its checksum.</param>
/// <param name="State"><c>SUCCESS</c>, or how else it ended.</param>
/// <param name="Sources">What it reached.</param>
public sealed record IntegrationTest(string? TestFilePath, string? TestChecksum, string? State = null, IReadOnlyList<IntegrationTestSource>? Sources = null);

/// <summary>Something in a version of a repository.</summary>
/// <param name="RepoUuid">The version.</param>
public sealed record IntegrationTestSource(string? RepoUuid);

/// <summary>Which integration tests may be left out?</summary>
/// <param name="TestRepoUrl">The tests' repository.</param>
/// <param name="Files">Its files with their checksums.</param>
/// <param name="Deployment">What is deployed.</param>
public sealed record SelectIntegrationTests(string? TestRepoUrl, IReadOnlyDictionary<string, string>? Files, IReadOnlyList<DeployedRepository>? Deployment);

/// <summary>A version of a repository that is deployed.</summary>
/// <param name="RepoUrl">The repository.</param>
/// <param name="RepoUuid">The version.</param>
public sealed record DeployedRepository(string? RepoUrl, string? RepoUuid);
