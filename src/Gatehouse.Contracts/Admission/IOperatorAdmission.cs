namespace Gatehouse.Contracts;

/// <summary>The door of the operator's listener, for roles that map routes there beside the manager, which offers it.</summary>
public interface IOperatorAdmission
{
    /// <summary>True for an operator API key of this server; takes the same time wherever a guess differs.</summary>
    bool Admits(string? apiKey);

    /// <summary>There is such an account.</summary>
    bool HasAccount(string accountId);
}
