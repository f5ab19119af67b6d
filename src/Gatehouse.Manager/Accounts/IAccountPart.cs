using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Accounts;

/// <summary>A slice that keeps something per account, and takes part when the account ends or the server starts.</summary>
internal interface IAccountPart
{
    /// <summary>Parts are loaded in ascending order and removed in the same one: tasks look up delegates, not the reverse.</summary>
    int Order { get; }

    /// <summary>Brings what is stored into memory, before anything listens.</summary>
    void Load(StoredRows stored);

    /// <summary>Takes the account's rows out, in the transaction that deletes the account.</summary>
    Task RemoveRowsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken);

    /// <summary>Forgets the account, after the commit and before the next writer; must not fail.</summary>
    void Forget(string accountId);
}
