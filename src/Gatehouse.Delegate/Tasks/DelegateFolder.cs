using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>
/// This process' folder below the working folder, which the tasks' folders are in, with a lock beside it for as long as the process lives. What a killed delegate left
/// (output, and copies of the client key for steps) is deleted when another one starts there: a lock that can be taken is nobody's.
/// </summary>
internal sealed partial class DelegateFolder : IDisposable
{
    private const string Prefix = "gatehouse-delegate-", LockSuffix = ".lock";
    private readonly FileStream _lock;
    private readonly ILogger _log;

    private DelegateFolder(string path, FileStream held, ILogger log) => (Path, _lock, _log) = (path, held, log);

    internal string Path { get; }

    /// <summary>Makes one, and deletes those that dead delegates left beside it.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal static DelegateFolder Create(string root, ILogger log)
    {
        Directory.CreateDirectory(root);
        var path = System.IO.Path.Combine(root, $"{Prefix}{Guid.NewGuid():N}");
        // Before the folder: there is no folder of a living delegate without a lock that is held.
        var held = Hold(path + LockSuffix);
        var folder = new DelegateFolder(path, held, log);
        try
        {
            TaskFolder.MakePrivate(path);
            // Some file systems do not lock: then nobody can be told from a dead one.
            if (TryHold(path + LockSuffix) is { } second)
                second.Dispose();
            else
                folder.Sweep(root);
            return folder;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Delete(Path);
        File.Delete(Path + LockSuffix);
        _lock.Dispose();
    }

    private void Sweep(string root)
    {
        try
        {
            foreach (var file in Directory.GetFiles(root, Prefix + "*" + LockSuffix))
            {
                if (file == Path + LockSuffix || TryHold(file) is not { } left)
                    continue;
                using (left)
                {
                    var folder = file[..^LockSuffix.Length];
                    if (Delete(folder))
                        File.Delete(file);
                    Log.Swept(_log, folder);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Log.NotSwept(_log, root, failure.Message);
        }
    }

    private bool Delete(string folder)
    {
        if (!Directory.Exists(folder))
            return true;
        // A link in a folder that others may write to is not followed: Directory.Delete deletes the link alone.
        TaskFolder.Delete(folder, _log);
        return !Directory.Exists(folder);
    }

    private static FileStream Hold(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Null when another process holds it, or it is another user's, or gone.</summary>
    private static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8221, LogLevel.Information, "The folder {Path} of a delegate that is no more was deleted.")]
        public static partial void Swept(ILogger log, string path);

        [LoggerMessage(8222, LogLevel.Warning, "What dead delegates left in {Path} could not be looked for: {Reason}")]
        public static partial void NotSwept(ILogger log, string path, string reason);
    }
}
