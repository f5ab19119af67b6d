using Gatehouse.Contracts;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Lets go of all that is kept of an account.</summary>
internal sealed class AccountCleanup(TiDatabase database) : IAccountData
{
    /// <summary>The tables that name an account; the others go with these.</summary>
    private static readonly string[] s_tables = ["report", "selection", "saving", "repository", "pipeline", "it_upload", "it_test"];

    /// <inheritdoc />
    public async Task DeleteAsync(string accountId, CancellationToken cancellationToken)
    {
        foreach (var table in s_tables)
            await database.WriteAsync(db => db.Run($"DELETE FROM {table} WHERE account = ?1", accountId), cancellationToken);
    }
}
