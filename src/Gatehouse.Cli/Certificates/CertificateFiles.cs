using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>Writes certificates and private keys: all files or none, a key readable by its owner only from the first byte, nothing overwritten unless asked.</summary>
internal static class CertificateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everyone = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes <c>name.crt</c> and <c>name.key</c> into a folder, which is made if it is missing.</summary>
    /// <exception cref="CliException">A file exists and <paramref name="force"/> is false, or the folder cannot be written.</exception>
    public static CertificatePaths Write(string folder, string name, IssuedCertificate issued, bool force)
    {
        var paths = Write(folder, [NewFile.Secret(name + ".key", issued.PrivateKeyPem), NewFile.Public(name + ".crt", issued.CertificatePem)], force);
        return new CertificatePaths(paths[1], paths[0]);
    }

    /// <summary>Writes files into a folder, which is made if it is missing; returns their paths in the same order.</summary>
    /// <exception cref="CliException">A file exists and <paramref name="force"/> is false, or the folder cannot be written.</exception>
    public static IReadOnlyList<string> Write(string folder, IReadOnlyList<NewFile> files, bool force)
    {
        List<string> paths = [.. files.Select(file => Path.Combine(folder, file.Name))];
        if (!force && paths.Find(Path.Exists) is { } existing)
        {
            throw CliException.BadInput($"'{existing}' exists and was left as it is. Name another place with --out, or overwrite it with --force.");
        }

        try
        {
            Directory.CreateDirectory(folder.Length == 0 ? "." : folder);
            Place([.. files.Zip(paths, (file, path) => (path, file.Content, file.IsSecret ? OwnerOnly : Everyone))]);
            return paths;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Failed($"Nothing could be written to '{folder}', and nothing was left there: {Safe.Line(e.Message)}", e);
        }
    }

    /// <summary>Everything is written beside its place first; then names are exchanged, and exchanged back if one of them cannot be.</summary>
    private static void Place(IReadOnlyList<(string Path, byte[] Content, UnixFileMode Mode)> files)
    {
        var suffix = "." + Path.GetRandomFileName();
        var placed = new List<string>();
        var setAside = new List<string>();
        try
        {
            foreach (var (path, content, mode) in files)
            {
                WriteNew(path + suffix, content, mode);
            }

            foreach (var (path, _, _) in files)
            {
                if (Path.Exists(path))
                {
                    File.Move(path, path + suffix + ".old");
                    setAside.Add(path);
                }

                File.Move(path + suffix, path);
                placed.Add(path);
            }
        }
        catch
        {
            placed.ForEach(File.Delete);
            setAside.ForEach(path => File.Move(path + suffix + ".old", path));
            throw;
        }
        finally
        {
            foreach (var (path, _, _) in files)
            {
                File.Delete(path + suffix);
                File.Delete(path + suffix + ".old");
            }
        }
    }

    private static void WriteNew(string path, byte[] content, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }
}

/// <summary>Where a certificate and its key are.</summary>
internal sealed record CertificatePaths(string Certificate, string PrivateKey);
