using System.Text;
using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Downloads;
using Gatehouse.LogService.Streams;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Accounts;

/// <summary>
/// Lets go of all that is kept of an account: downloads that are being made, live streams, blobs. A file says so until it is done, so that the next run
/// finishes what a killed one began.
/// </summary>
internal sealed partial class AccountCleanup(
    ILiveStore streams, IBlobStore blobs, ZipDownloads downloads, LogServiceOptions options, ILogger<AccountCleanup> logger) : IAccountData, IDisposable
{
    private readonly string _directory = Path.Combine(options.Directory, "ended");

    /// <summary>One at a time: what a new account of the same id writes begins after the cleanup that was asked for before it was made.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    /// <inheritdoc />
    public async Task DeleteAsync(string accountId, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await DeleteAsync(accountId, Mark(accountId), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Finishes what the previous run began.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        PrivateFolder.Make(_directory);
        foreach (var mark in Directory.GetFiles(_directory))
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                // Meanwhile it may have been done, because the id is given out again.
                if (File.Exists(mark))
                    await DeleteAsync(Encoding.UTF8.GetString(Convert.FromHexString(Path.GetFileName(mark))), mark, cancellationToken);
            }
            catch (StoreUnavailableException e)
            {
                Log.NotResumed(logger, e);
                return; // Nor will the others be done now.
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private async Task DeleteAsync(string accountId, string mark, CancellationToken cancellationToken)
    {
        // Each may write a blob while it lives, so blobs come last.
        await downloads.ForgetAsync(accountId, cancellationToken);
        await streams.DropAsync(accountId, cancellationToken);
        await blobs.DeleteAllAsync(accountId, cancellationToken);
        File.Delete(mark);
    }

    /// <summary>An empty file, durable when this returns. Ids differ by case, which not every disk's names do.</summary>
    private string Mark(string accountId)
    {
        PrivateFolder.Make(_directory);
        var path = Path.Combine(_directory, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(accountId)));
        PrivateFolder.OpenFile(path).Dispose();
        PrivateFolder.Sync(_directory);
        return path;
    }

    private static partial class Log
    {
        [LoggerMessage(4070, LogLevel.Error, "Logs of accounts that were deleted before this start are not all deleted: the store cannot be used now. They go at the next start, or before the account's id is given out again", EventName = "EndedAccountsNotDeleted")]
        public static partial void NotResumed(ILogger logger, Exception e);
    }
}
