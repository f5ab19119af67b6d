namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>How a test ended with a chain.</summary>
internal enum ChainState
{
    Unknown,
    Success,
    Failure,
    Flaky,
}

/// <summary>A run of a test that is on record: its own file, and all that it reached, had these checksums.</summary>
/// <param name="Test">Checksum of the test's file.</param>
/// <param name="Sources">Checksum of the chain of all files that it reached.</param>
/// <param name="State">How it ended.</param>
/// <param name="UpdatedAt">When it was last uploaded: Unix days.</param>
internal readonly record struct RecordedChain(ulong Test, ulong Sources, ChainState State, int UpdatedAt);

/// <summary>A test file of a skip list.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sets">Sets of files that its runs reached: numbers into <see cref="SkipGraph.Paths"/>, in the order of the paths' bytes. The newest first.</param>
/// <param name="Chains">Its runs, the newest first.</param>
/// <param name="HasFailed">It failed when it last ran.</param>
internal sealed record SkipTest(string Path, IReadOnlyList<int[]> Sets, IReadOnlyList<RecordedChain> Chains, bool HasFailed);

/// <summary>What a repository's runs have left on record, for one execution context. Immutable, but for what the last question has worked out.</summary>
/// <param name="Paths">Files.</param>
/// <param name="Tests">Tests, by their file.</param>
internal sealed record SkipGraph(IReadOnlyList<string> Paths, IReadOnlyDictionary<string, SkipTest> Tests)
{
    /// <summary>Stands for everything that is not code: when this chain does not match, nothing is skipped (sheet §7).</summary>
    public const string NonCode = "HARNESS_TI_NON_CODE_CHAIN_PATH";

    private ChainMemory? _lastAsked;

    /// <summary>What a question has worked out for the next one; null before the first.</summary>
    public ChainMemory? LastAsked
    {
        get => Volatile.Read(ref _lastAsked);
        set => Volatile.Write(ref _lastAsked, value);
    }

    public static SkipGraph Empty { get; } = new([], new Dictionary<string, SkipTest>());

    /// <summary>Bytes it takes in memory, roughly.</summary>
    public long Size => (Paths.Count * (140L + ChainMemory.BytesOfOne)) + Tests.Values.Sum(test => 200L + test.Sets.Sum(set => 32L + ChainMemory.BytesOfOne + (set.Length * 4L)) + (test.Chains.Count * 24L));
}
