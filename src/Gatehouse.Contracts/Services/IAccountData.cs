namespace Gatehouse.Contracts;

/// <summary>What a role keeps of accounts besides the manager, which asks for all of it to go when an account ends, and before an id is given to a new one.</summary>
public interface IAccountData
{
    /// <summary>Deletes all that is kept of the account; nothing to delete is no error.</summary>
    Task DeleteAsync(string accountId, CancellationToken cancellationToken);
}
