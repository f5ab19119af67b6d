using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Tokens;

/// <summary>All delegate tokens in memory, by account.</summary>
internal sealed partial class TokenRegistry(Secrets secrets, ILogger<TokenRegistry> logger) : IAccountPart
{
    public const string SecretKind = "token";

    private readonly ConcurrentDictionary<string, ImmutableArray<TokenEntry>> _tokens = new(StringComparer.Ordinal);

    public int Order => 10;

    public ImmutableArray<TokenEntry> Of(string accountId) => _tokens.TryGetValue(accountId, out var tokens) ? tokens : [];

    public IEnumerable<TokenEntry> All => _tokens.Values.SelectMany(tokens => tokens);

    public void Add(TokenEntry token) => _tokens.AddOrUpdate(token.AccountId, [token], (_, others) => others.Add(token));

    public void Remove(TokenEntry token)
    {
        if (_tokens.TryGetValue(token.AccountId, out var all))
            _tokens[token.AccountId] = all.Remove(token); // One writer at a time.
    }

    public void Load(StoredRows stored)
    {
        const string Sql = """SELECT "AccountId", "Name", "ProtectedValue", "CreatedAt", "RevokeAfter", "RevokedAt" FROM "tokens" ORDER BY "CreatedAt" """;
        foreach (var token in stored.Read(Sql, EntryOf))
            Add(token);
    }

    private TokenEntry EntryOf(StoredRow row)
    {
        var (account, name) = (row.Text(0), row.Text(1));
        return new TokenEntry(account, name, Open(account, name, row.Bytes(2)), row.Time(3), row.TimeOrNull(4)) { RevokedAt = row.TimeOrNull(5) };
    }

    public Task RemoveRowsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken) =>
        db.Tokens.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);

    public void Forget(string accountId) => _tokens.TryRemove(accountId, out _);

    private byte[]? Open(string account, string name, byte[] sealedValue)
    {
        try
        {
            return secrets.Open(SecretKind, account, name, sealedValue);
        }
        catch (CryptographicException e)
        {
            Log.Unreadable(logger, name, account, e);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3030, LogLevel.Error,
            "The delegate token {Name} of account {Account} cannot be decrypted, so its delegates are refused; bring back the folder 'keys' of the data directory, or make a new token",
            EventName = "TokenUnreadable")]
        public static partial void Unreadable(ILogger logger, string name, string account, Exception e);
    }
}
