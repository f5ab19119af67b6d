using Gatehouse.Contracts;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Accounts;

/// <summary>Makes and deletes accounts. Unlike upstream, a new account has no token: nobody gets in with one that no one made.</summary>
internal sealed partial class AccountService(
    ManagerDatabase database, AccountRegistry accounts, IEnumerable<IAccountPart> parts, IEnumerable<IAccountData> elsewhere, TrustRegistry trust, TimeProvider time, ILogger<AccountService> logger)
{
    public async Task<Outcome<AccountEntry>> CreateAsync(string? id, string? name, CancellationToken cancellationToken)
    {
        if (id is null || !IsId(id))
            return new Fault(StatusCodes.Status400BadRequest, "invalid_account_id", $"The account id '{Bounded.Text(id ?? "", 80)}' is not 1 to 64 letters, digits, '_' and '-'.");
        name = string.IsNullOrWhiteSpace(name) ? id : name.Trim();
        if (name.Length > 256 || name.Any(char.IsControl))
            return new Fault(StatusCodes.Status400BadRequest, "invalid_account_name", "The account's name is longer than 256 characters or has control characters.");

        // An account of this id that was deleted while another role was away, or this server stopped, may have left something: it is not the new one's to see.
        if (!accounts.Exists(id))
        {
            foreach (var data in elsewhere)
                await data.DeleteAsync(id, cancellationToken);
        }
        return await database.WriteAsync(async (db, ct) =>
        {
            if (await db.Accounts.AnyAsync(row => row.Id == id, ct))
                return new Fault(StatusCodes.Status409Conflict, "account_exists", $"There is an account '{id}' already; choose another id.");
            var entry = new AccountEntry(id, name, time.GetUtcNow());
            db.Accounts.Add(new AccountRow { Id = id, Name = name, CreatedAt = entry.CreatedAt });
            await AuditChain.AppendAsync(db, entry.CreatedAt, "account.create", id, new() { ["name"] = name }, ct);
            return (Outcome<AccountEntry>)entry;
        }, accounts.Set, cancellationToken);
    }

    /// <summary>Ends everything of the account: tokens, delegates and their streams, tasks, and at once its endpoint's names.</summary>
    public async Task<Fault?> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var outcome = await database.WriteAsync<string>(async (db, ct) =>
        {
            if (!await db.Accounts.AnyAsync(row => row.Id == id, ct))
                return NotFound(id);
            foreach (var part in parts.OrderBy(part => part.Order))
                await part.RemoveRowsAsync(db, id, ct);
            await db.Accounts.Where(row => row.Id == id).ExecuteDeleteAsync(ct);
            await AuditChain.AppendAsync(db, time.GetUtcNow(), "account.delete", id, [], ct);
            return id;
        }, _ =>
        {
            accounts.Remove(id);
            foreach (var part in parts.OrderBy(part => part.Order))
                part.Forget(id);
        }, cancellationToken);
        if (outcome.Fault is null)
        {
            await trust.PublishAsync(id);
            await DeleteElsewhereAsync(id);
        }
        return outcome.Fault;
    }

    /// <summary>The account is gone whatever happens here; what is left goes before its id is given out again, and with time.</summary>
    private async Task DeleteElsewhereAsync(string id)
    {
        foreach (var data in elsewhere)
        {
            try
            {
                await data.DeleteAsync(id, CancellationToken.None);
            }
            catch (Exception e)
            {
                Log.NotDeleted(logger, id, data.GetType().Name, e);
            }
        }
    }

    public static Fault NotFound(string id) =>
        new(StatusCodes.Status404NotFound, "account_not_found", $"There is no account '{Bounded.Text(id, 64)}'. List them with 'gatehouse account list'.");

    private static bool IsId(string id) => id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static partial class Log
    {
        [LoggerMessage(3090, LogLevel.Error, "Account {Account} is deleted, but not all that {What} keeps of it; that goes before its id is given out again", EventName = "AccountDataNotDeleted")]
        public static partial void NotDeleted(ILogger logger, string account, string what, Exception e);
    }
}
