namespace Gatehouse.Manager.Storage;

/// <summary>Folders and files that only the server's user may read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder with mode 0700. An existing one is left as it is: it may be somebody's shared folder, and the files are private by themselves.</summary>
    public static void EnsureFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, FolderMode);
    }

    /// <summary>Makes the file empty (0600) when it is not there, so that whoever opens it later inherits the mode.</summary>
    public static void EnsureFile(string path)
    {
        using (Open(path, FileMode.OpenOrCreate, FileAccess.Write)) { }
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>Opens for reading or writing; a file that is made gets mode 0600.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not FileMode.Open)
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }
}
