namespace Gatehouse.Server.Hosting;

/// <summary>The data directory, held by one server at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>Creates the directory (mode 0700) where it is missing, and takes its lock.</summary>
    /// <exception cref="StartException">It cannot be used, or another server holds it.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The data directory {path} cannot be used: {e.Message} Name another with --data.");
        }
        try
        {
            return new DataDirectory(path, new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"Another server uses the data directory {path}, or its lock cannot be taken ({e.Message}). Stop that one, or name another directory with --data.");
        }
    }

    /// <summary>Writes a file as a whole (rename) with mode 0600 or, when <paramref name="isPublic"/>, 0644.</summary>
    public static void WriteFile(string path, string text, bool isPublic = false)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
                | (isPublic ? UnixFileMode.GroupRead | UnixFileMode.OtherRead : UnixFileMode.None);
        }
        File.Delete(temporary);
        using (var writer = new StreamWriter(temporary, System.Text.Encoding.ASCII, options))
            writer.Write(text);
        File.Move(temporary, path, overwrite: true);
    }

    public void Dispose() => _lock.Dispose();
}

/// <summary>The server cannot start; the message says why and the way out.</summary>
internal sealed class StartException(string message) : Exception(message);
