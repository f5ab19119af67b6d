using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService;

/// <summary>There is no room: the account has used up its own, or the disk has none left but what is kept for the manager. Nothing has changed.</summary>
internal sealed class OutOfSpaceException : IOException
{
    private OutOfSpaceException(string message, int status)
        : base(message) => Status = status;

    /// <summary>507 for the disk, which clients ask again for; 429 for the account's own, which they do not (sheet §8).</summary>
    public int Status { get; }

    /// <summary>True: the account's own room.</summary>
    public bool IsAccounts => Status == StatusCodes.Status429TooManyRequests;

    public static OutOfSpaceException OfAccount(long quota) => new(
        $"The logs of this account take the {quota / 1024 / 1024} MiB that they may (blobs.accountQuotaMiB); delete some, or have the operator raise it.", StatusCodes.Status429TooManyRequests);

    public static OutOfSpaceException OfDisk() => new("The log service's disk is almost full: no logs are kept until the operator has made room.", StatusCodes.Status507InsufficientStorage);
}
