namespace Gatehouse.Server.Configuration;

/// <summary>The configuration cannot be used: all problems at once, each naming the key, the value and the way out.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
