namespace Gatehouse.Cli.Demo;

/// <summary>A step did not do what it should.</summary>
internal sealed class DemoFailure(string expected, string seen, Exception? inner = null) : Exception($"Expected: {expected} Seen: {seen}", inner)
{
    public string Expected { get; } = expected;

    public string Seen { get; } = seen;
}
