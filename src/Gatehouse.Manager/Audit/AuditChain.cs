using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Audit;

/// <summary>
/// The tamper-evident record of changes: each entry's hash covers the one before, so an entry cannot be changed, left out or
/// put in between without every later hash being wrong. Entries are written in the transaction of the change.
/// </summary>
internal static class AuditChain
{
    /// <summary>The hash "before" the first entry.</summary>
    public static readonly string Genesis = new('0', 64);

    /// <summary>Who changes things through the operator API; there is one key for now.</summary>
    public const string Operator = "operator-key";

    /// <summary>Adds an entry to the current transaction. <paramref name="detail"/> must hold no secret.</summary>
    public static async Task AppendAsync(
        ManagerDbContext db, DateTimeOffset now, string action, string? accountId, Dictionary<string, string> detail, CancellationToken cancellationToken)
    {
        var last = await db.Audit.AsNoTracking().OrderByDescending(row => row.Sequence).FirstOrDefaultAsync(cancellationToken);
        var entry = new AuditRow
        {
            Sequence = (last?.Sequence ?? 0) + 1,
            At = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), // What the database will give back.
            Actor = Operator,
            Action = action,
            AccountId = accountId,
            Detail = JsonSerializer.Serialize(detail, ContractsJson.Default.DictionaryStringString),
            PreviousHash = last?.Hash ?? Genesis,
            Hash = "",
        };
        entry.Hash = HashOf(entry);
        db.Audit.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>SHA-256 over the fields, each with its length in front so that no two different entries read alike.</summary>
    public static string HashOf(AuditRow entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, entry.Sequence);
        hash.AppendData(number);
        BinaryPrimitives.WriteInt64BigEndian(number, entry.At.ToUnixTimeMilliseconds());
        hash.AppendData(number);
        foreach (var text in (ReadOnlySpan<string?>)[entry.PreviousHash, entry.Actor, entry.Action, entry.AccountId, entry.Detail])
        {
            var bytes = text is null ? null : Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64BigEndian(number, bytes?.Length ?? -1);
            hash.AppendData(number);
            hash.AppendData(bytes ?? []);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
