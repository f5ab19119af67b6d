using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>A task's private folder: its script, its spooled output, its working folder and its temporary files. Gone when it is disposed.</summary>
internal sealed partial class TaskFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _path;
    private readonly ILogger _log;

    internal TaskFolder(string root, string taskId, ILogger log)
    {
        _path = Path.Combine(root, taskId);
        _log = log;
        MakePrivate(_path);
        MakePrivate(Work);
        MakePrivate(Temporary);
    }

    /// <summary>Where the task starts.</summary>
    internal string Work => Path.Combine(_path, "work");

    /// <summary>Its TMPDIR.</summary>
    internal string Temporary => Path.Combine(_path, "tmp");

    /// <summary>What its step shows and knows of TLS; made when a step needs it.</summary>
    internal string Identity => Path.Combine(_path, "mtls");

    internal string Script => Path.Combine(_path, "script.sh");

    /// <summary>Files that tell a test command what to run; made by who needs it.</summary>
    internal string Selection => Path.Combine(_path, "selection");

    internal string Output => Path.Combine(_path, "output");

    /// <summary>Makes a folder that only its owner can enter.</summary>
    internal static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Private);
    }

    public void Dispose() => Delete(_path, _log);

    /// <summary>Deletes a folder with all that tasks may have made in it; says so when it cannot.</summary>
    internal static void Delete(string path, ILogger log)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception first) when (first is IOException or UnauthorizedAccessException)
        {
            // Folders that the task made read-only.
            try
            {
                Unlock(path);
                Directory.Delete(path, recursive: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Log.NotDeleted(log, path, failure.Message);
            }
        }
    }

    private static void Unlock(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(folder, Private);
        foreach (var child in new DirectoryInfo(folder).EnumerateDirectories())
        {
            // Links lead out of the folder.
            if (child.LinkTarget is null)
                Unlock(child.FullName);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8220, LogLevel.Warning, "The folder {Path} could not be deleted: {Reason}")]
        public static partial void NotDeleted(ILogger log, string path, string reason);
    }
}
