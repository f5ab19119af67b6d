namespace Gatehouse.Gateway.Tests;

/// <summary>Tests that measure this process or need all of the machine: they run after the others, one at a time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
