using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Gatehouse.IntegrationTests.LongRunsFirst))]
[assembly: AssemblyFixture(typeof(Gatehouse.IntegrationTests.RotationRun))]

namespace Gatehouse.IntegrationTests;

/// <summary>
/// Begins what takes minutes before everything else, so that it goes on beside the other tests; its outcome is asked for by a collection that does not run in
/// parallel, and so comes last.
/// </summary>
internal sealed class LongRunsFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections)
            .OrderBy(one => one.TestCollectionDisplayName.Contains(nameof(WhenCertificatesAreRotatedForTwoMinutes), StringComparison.Ordinal) ? 0 : 1)];
}
