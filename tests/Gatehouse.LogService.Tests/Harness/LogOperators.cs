using Gatehouse.Contracts;

namespace Gatehouse.LogService.Tests.Harness;

/// <summary>The manager's part on the operator's listener, played by the test.</summary>
internal sealed class LogOperators : IOperatorAdmission
{
    public const string Key = "operator-key-of-the-test";

    public bool Admits(string? apiKey) => apiKey == Key;

    public bool HasAccount(string accountId) => accountId.StartsWith("acc", StringComparison.Ordinal);
}
