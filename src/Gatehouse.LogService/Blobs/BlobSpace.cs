using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs;

/// <summary>
/// What each account's blobs take, against its quota, those that are being written included; and how much room the disk has. Bytes are taken as they are
/// written, so no number of writers at once gets past it.
/// </summary>
internal sealed partial class BlobSpace(LogServiceOptions options, Func<string, long> usedBefore, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromHours(1), s_fresh = TimeSpan.FromHours(6), s_notAgainFor = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>
    /// For a store that others write to, too: counts what the account has when that was not done for six hours, or when a doubt has come up since. Who comes meanwhile
    /// waits for the same count.
    /// </summary>
    public Task CountAsync(string account, Func<Task<long>> count)
    {
        if (!IsBounded)
            return Task.CompletedTask;
        var own = Of(account);
        lock (own)
        {
            var age = time.GetUtcNow() - own.CountedAt;
            if (own.Counting is { IsCompleted: false } || age < (own.IsDoubtful ? s_notAgainFor : s_fresh))
                return own.Counting ?? Task.CompletedTask;
            return own.Counting = CountOnceAsync(own, count);
        }
    }

    /// <summary>What is known of the account may be too much: it is counted again, if not at once.</summary>
    public void Doubt(string account)
    {
        var own = Of(account);
        lock (own)
            own.IsDoubtful = true;
    }

    /// <summary>What is known of the account holds no more: it is counted at its next blob.</summary>
    public void Forget(string account)
    {
        var own = Of(account);
        lock (own)
            own.CountedAt = DateTimeOffset.MinValue;
    }

    /// <summary>False: accounts may have as much as there is room for.</summary>
    public bool IsBounded => options.BlobQuota is not null;

    /// <summary>Bytes that the account's blobs take.</summary>
    public long Used(string account) => Interlocked.Read(ref Of(account).Used);

    /// <exception cref="OutOfSpaceException">There is no room for them; none are taken.</exception>
    public void Take(string account, long bytes)
    {
        if (options.FreeSpaceFloor > 0 && options.FreeSpace() < options.FreeSpaceFloor)
            throw OutOfSpaceException.OfDisk();
        var own = Of(account);
        var used = Interlocked.Add(ref own.Used, bytes);
        Interlocked.Add(ref own.InFlight, bytes);
        if (options.BlobQuota is not { } quota || used <= quota)
            return;
        Interlocked.Add(ref own.Used, -bytes);
        Interlocked.Add(ref own.InFlight, -bytes);
        // Runners take a refusal for success: here is where it is seen (sheet §8).
        var now = time.GetUtcNow();
        if (now - own.ToldAt > s_quiet)
        {
            own.ToldAt = now;
            Log.Full(logger, account, quota / 1024 / 1024);
        }
        throw OutOfSpaceException.OfAccount(quota);
    }

    public void GiveBack(string account, long bytes) => Interlocked.Add(ref Of(account).Used, -bytes);

    /// <summary>What was taken for a blob is not being written any more, and so much of it is kept.</summary>
    public void Settle(string account, long taken, long kept)
    {
        var own = Of(account);
        Interlocked.Add(ref own.Used, kept - taken);
        Interlocked.Add(ref own.InFlight, -taken);
    }

    private async Task CountOnceAsync(Account own, Func<Task<long>> count)
    {
        var counted = await count();
        lock (own)
            (own.CountedAt, own.IsDoubtful) = (time.GetUtcNow(), false);
        Interlocked.Exchange(ref own.Used, counted + Interlocked.Read(ref own.InFlight));
    }

    private Account Of(string account) => _accounts.GetOrAdd(account, name => new Account { Used = usedBefore(name) });

    private sealed class Account
    {
        public long Used, InFlight;

        public DateTimeOffset ToldAt = DateTimeOffset.MinValue, CountedAt = DateTimeOffset.MinValue;

        /// <summary>The last count, which may be going on.</summary>
        public Task? Counting;

        public bool IsDoubtful;
    }

    private static partial class Log
    {
        [LoggerMessage(4033, LogLevel.Warning, "The logs of account {Account} take the {Quota} MiB that they may: no more are kept. Raise blobs.accountQuotaMiB, keep logs for fewer days (blobs.retentionDays), or have some deleted", EventName = "BlobQuotaReached")]
        public static partial void Full(ILogger logger, string account, long quota);
    }
}
