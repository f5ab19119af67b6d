using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;

namespace Gatehouse.Manager.Operators;

/// <summary>Key and accounts, for the other roles' operator routes.</summary>
internal sealed class OperatorAdmission(OperatorKey key, AccountRegistry accounts) : IOperatorAdmission
{
    public bool Admits(string? apiKey) => key.Matches(apiKey);

    public bool HasAccount(string accountId) => accounts.Exists(accountId);
}
