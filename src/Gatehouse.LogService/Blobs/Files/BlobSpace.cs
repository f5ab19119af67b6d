using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs.Files;

/// <summary>
/// What each account's files take, against its quota, those that are being written included; and how much room the disk has. Bytes are taken as they are
/// written, so no number of writers at once gets past it.
/// </summary>
internal sealed partial class BlobSpace(LogServiceOptions options, Func<string, long> usedBefore, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>Bytes that the account's files take.</summary>
    public long Used(string account) => Interlocked.Read(ref Of(account).Used);

    /// <exception cref="OutOfSpaceException">There is no room for them; none are taken.</exception>
    public void Take(string account, long bytes)
    {
        if (options.FreeSpaceFloor > 0 && options.FreeSpace() < options.FreeSpaceFloor)
            throw OutOfSpaceException.OfDisk();
        var own = Of(account);
        var used = Interlocked.Add(ref own.Used, bytes);
        if (options.BlobQuota is not { } quota || used <= quota)
            return;
        Interlocked.Add(ref own.Used, -bytes);
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

    private Account Of(string account) => _accounts.GetOrAdd(account, name => new Account { Used = usedBefore(name) });

    private sealed class Account
    {
        public long Used;

        public DateTimeOffset ToldAt = DateTimeOffset.MinValue;
    }

    private static partial class Log
    {
        [LoggerMessage(4033, LogLevel.Warning, "The logs of account {Account} take the {Quota} MiB that they may: no more are kept. Raise blobs.accountQuotaMiB, keep logs for fewer days (blobs.retentionDays), or have some deleted", EventName = "BlobQuotaReached")]
        public static partial void Full(ILogger logger, string account, long quota);
    }
}

/// <summary>A file that takes its account's room as it grows.</summary>
internal sealed class MeteredStream(Stream file, BlobSpace space, string account) : Stream
{
    /// <summary>Room is asked for in pieces of this size: the disk is looked at no more often.</summary>
    private const int Piece = 256 * 1024;

    private long _taken;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => Written;

    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    public long Written { get; private set; }

    /// <summary>Gives back what was taken and not written, or, with <paramref name="all"/>, everything.</summary>
    public void Settle(bool all)
    {
        var kept = all ? 0 : Written;
        space.GiveBack(account, _taken - kept);
        _taken = kept;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Take(buffer.Length);
        file.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Take(buffer.Length);
        return file.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => file.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => file.FlushAsync(cancellationToken);
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Take(int bytes)
    {
        if (Written + bytes > _taken)
        {
            // Near the quota a whole piece may be too much where these bytes are not.
            var missing = Written + bytes - _taken;
            try
            {
                space.Take(account, Math.Max(missing, Piece));
                _taken += Math.Max(missing, Piece);
            }
            catch (OutOfSpaceException e) when (e.IsAccounts && missing < Piece)
            {
                space.Take(account, missing);
                _taken += missing;
            }
        }
        Written += bytes;
    }
}
