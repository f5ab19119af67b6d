namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>One test as an upload tells of it.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Unit">Where it is written: a number into <see cref="GraphUpload.Units"/>.</param>
/// <param name="AlwaysRun">It is run whatever changes.</param>
/// <param name="Failed">How it ended; null: the upload does not say.</param>
/// <param name="Reaches">What it reached, in any order, repeats allowed.</param>
internal sealed record UploadedTest(TestName Name, int Unit, bool AlwaysRun, bool? Failed, IReadOnlyCollection<int> Reaches);

/// <summary>What a step says of the tests that it ran.</summary>
/// <param name="Units">Files and classes, each once.</param>
/// <param name="Tests">Those that ran, each once.</param>
/// <param name="SomeFailed">One or more failed: a test that broke off may not have come to all that it reaches.</param>
internal sealed record GraphUpload(IReadOnlyList<CodeUnit> Units, IReadOnlyCollection<UploadedTest> Tests, bool SomeFailed);
