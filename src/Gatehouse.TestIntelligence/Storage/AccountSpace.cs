using System.Collections.Concurrent;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>
/// What is kept of each account, against its quota, and how much room the disk has. It is counted anew every few minutes; in between each upload counts with its
/// uncompressed bytes, which is rather too much than too little.
/// </summary>
internal sealed partial class AccountSpace(TiDatabase database, TestIntelligenceOptions options, TimeProvider time, ILogger<AccountSpace> logger)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(5), s_quiet = TimeSpan.FromHours(1);

    /// <summary>Rows with their names and texts, as SQLite lays them out, roughly; indexes count as much as what they index.</summary>
    private const string Count = """
        SELECT CAST(
            (SELECT total(bytes + 400) FROM report WHERE account = ?1)
            + (SELECT total(2 * (octet_length(t.name) + octet_length(t.class) + octet_length(t.suite)) + octet_length(t.file) + 100) FROM test t JOIN repository r ON r.id = t.repository WHERE r.account = ?1)
            + (SELECT total(octet_length(g.graph)) FROM call_graph g JOIN repository r ON r.id = g.repository WHERE r.account = ?1)
            + (SELECT total(octet_length(s.graph)) FROM skip_list s JOIN repository r ON r.id = s.repository WHERE r.account = ?1)
            + (SELECT total(octet_length(deleted_files) + 1000) FROM selection WHERE account = ?1)
            + (SELECT total(octet_length(s.stages)) FROM split s JOIN pipeline p ON p.id = s.pipeline WHERE p.account = ?1)
            + (SELECT total(octet_length(a.answer)) FROM timing_answer a JOIN pipeline p ON p.id = a.pipeline WHERE p.account = ?1)
            + (SELECT total(2 * octet_length(d.name) + 60) FROM duration d JOIN pipeline p ON p.id = d.pipeline WHERE p.account = ?1)
            + (SELECT total(octet_length(f.class) + octet_length(f.name) + 400) FROM failed_test f JOIN repository r ON r.id = f.repository WHERE r.account = ?1)
            + (SELECT count(*) * 1000 FROM saving WHERE account = ?1)
            + (SELECT count(*) * 200 FROM it_upload WHERE account = ?1)
            + (SELECT total(octet_length(path) + octet_length(service) + octet_length(sources) + 200) FROM it_test WHERE account = ?1)
        AS INTEGER)
        """;

    private readonly ConcurrentDictionary<string, Usage> _accounts = new(StringComparer.Ordinal);

    /// <summary>Why nothing more is kept of the account now; null when something is.</summary>
    /// <param name="account">The account.</param>
    /// <param name="bytes">What would come on top.</param>
    public InputException? Refusal(string account, long bytes = 0)
    {
        if (options.FreeSpaceFloor > 0 && options.FreeSpace() < options.FreeSpaceFloor)
            return new InputException("The TI service's disk is almost full: nothing is kept until the operator has made room.", StatusCodes.Status507InsufficientStorage);
        if (options.AccountQuota is not { } quota)
            return null;
        var usage = UsageOf(account);
        if (Interlocked.Read(ref usage.Bytes) + bytes <= quota)
            return null;
        var now = time.GetUtcNow();
        if (now - usage.ToldAt > s_quiet)
        {
            usage.ToldAt = now;
            Log.Full(logger, account, quota / 1024 / 1024);
        }
        return new InputException(
            $"What is kept of this account takes the {quota / 1024 / 1024} MiB that it may (ti.accountQuotaMiB); it gets less as reports and graphs grow old, or have the operator raise it.",
            StatusCodes.Status429TooManyRequests);
    }

    /// <summary>So much was kept just now.</summary>
    public void Add(string account, long bytes)
    {
        if (options.AccountQuota is not null)
            Interlocked.Add(ref UsageOf(account).Bytes, bytes);
    }

    private Usage UsageOf(string account)
    {
        var usage = _accounts.GetOrAdd(account, _ => new Usage());
        lock (usage)
        {
            var now = time.GetUtcNow();
            if (now - usage.CountedAt < s_fresh)
                return usage;
            usage.CountedAt = now;
            try
            {
                Interlocked.Exchange(ref usage.Bytes, database.Read(db => db.Scalar(Count, account)));
            }
            catch (Exception e) when (e is InputException or SqliteException)
            {
                Log.NotCounted(logger, account, e); // It took too long; what was known, and what has come since, still counts.
            }
        }
        return usage;
    }

    private sealed class Usage
    {
        public long Bytes;

        public DateTimeOffset CountedAt = DateTimeOffset.MinValue, ToldAt = DateTimeOffset.MinValue;
    }

    private static partial class Log
    {
        [LoggerMessage(6040, LogLevel.Warning, "What the TI service keeps of account {Account} takes the {Quota} MiB that it may: nothing more is kept, and all its tests run. Raise ti.accountQuotaMiB, or keep reports and graphs for fewer days", EventName = "TiQuotaReached")]
        public static partial void Full(ILogger logger, string account, long quota);

        [LoggerMessage(6041, LogLevel.Debug, "What the TI service keeps of account {Account} could not be counted", EventName = "TiQuotaNotCounted")]
        public static partial void NotCounted(ILogger logger, string account, Exception e);
    }
}
