using System.Security.Cryptography;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Tokens;

/// <summary>Makes and revokes delegate tokens.</summary>
internal sealed class TokenService(ManagerDatabase database, TokenRegistry tokens, Secrets secrets, DelegateStreams streams, TimeProvider time)
{
    /// <summary>Each is tried against an unknown credential, so their number bounds the work a stranger can cause.</summary>
    public const int MaxPerAccount = 100;

    /// <summary>Makes a token; the entry holds the value that is shown once.</summary>
    public Task<Outcome<TokenEntry>> CreateAsync(string accountId, string? name, DateTimeOffset? revokeAfter, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (name is null || name.Length is 0 or > 128 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            return Refuse(400, "invalid_token_name", $"The token name '{Bounded.Text(name ?? "", 140)}' is not 1 to 128 letters, digits, '_', '-' and '.'.");
        if (revokeAfter <= now)
            return Refuse(400, "revoke_after_in_the_past", "revokeAfter lies in the past; name a later time, or none.");

        return database.WriteAsync<TokenEntry>(async (db, ct) =>
        {
            if (!await db.Accounts.AnyAsync(row => row.Id == accountId, ct))
                return Accounts.AccountService.NotFound(accountId);
            if (await db.Tokens.AnyAsync(row => row.AccountId == accountId && row.Name == name, ct))
                return new Fault(StatusCodes.Status409Conflict, "token_exists", $"Account '{accountId}' has, or had, a token '{name}'; choose another name.");
            if (await db.Tokens.CountAsync(row => row.AccountId == accountId, ct) >= MaxPerAccount)
                return new Fault(StatusCodes.Status409Conflict, "too_many_tokens", $"Account '{accountId}' has {MaxPerAccount} tokens, which is the limit.");
            var entry = new TokenEntry(accountId, name, RandomNumberGenerator.GetBytes(16), now, revokeAfter);
            db.Tokens.Add(new TokenRow
            {
                AccountId = accountId,
                Name = name,
                ProtectedValue = secrets.Seal(TokenRegistry.SecretKind, accountId, name, entry.Key!),
                CreatedAt = now,
                RevokeAfter = revokeAfter,
            });
            await AuditChain.AppendAsync(db, now, "token.create", accountId, new() { ["name"] = name }, ct);
            return entry;
        }, tokens.Add, cancellationToken);
    }

    /// <summary>Revokes at once: remembered verdicts fall, open streams of its delegates are told and closed.</summary>
    public async Task<Outcome<TokenEntry>> RevokeAsync(string accountId, string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var outcome = await database.WriteAsync<TokenEntry>(async (db, ct) =>
        {
            var entry = tokens.Of(accountId).FirstOrDefault(token => token.Name == name);
            if (entry is null || await db.Tokens.FindAsync([accountId, name], ct) is not { } row)
                return new Fault(StatusCodes.Status404NotFound, "token_not_found", $"Account '{accountId}' has no token '{Bounded.Text(name, 128)}'.");
            if (row.RevokedAt is not null)
                return new Fault(StatusCodes.Status409Conflict, "token_revoked", $"The token '{name}' is revoked already.");
            row.RevokedAt = now;
            await AuditChain.AppendAsync(db, now, "token.revoke", accountId, new() { ["name"] = name }, ct);
            return entry;
        }, entry => entry.RevokedAt = now, cancellationToken);
        if (outcome.Succeeded(out var revoked, out _))
            streams.EndOfToken(revoked);
        return outcome;
    }

    private static Task<Outcome<TokenEntry>> Refuse(int status, string code, string message) =>
        Task.FromResult<Outcome<TokenEntry>>(new Fault(status, code, message));
}
