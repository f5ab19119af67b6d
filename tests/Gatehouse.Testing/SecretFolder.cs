using System.Globalization;
using System.Runtime.InteropServices;

namespace Gatehouse.Testing;

/// <summary>A folder as the kubelet lays a Secret or ConfigMap out: files are links through <c>..data</c>, which leads to a folder of one version and is swapped by a rename.</summary>
public sealed partial class SecretFolder
{
    private readonly string _path;
    private int _versions;

    public SecretFolder(string path) => _path = Directory.CreateDirectory(path).FullName;

    public string Path => _path;

    public string File(string name) => System.IO.Path.Combine(_path, name);

    /// <summary>Replaces all files at once.</summary>
    public void Put(params (string Name, string Text)[] files)
    {
        var version = string.Create(CultureInfo.InvariantCulture, $"..v{_versions++}");
        var folder = Directory.CreateDirectory(File(version)).FullName;
        foreach (var (name, text) in files)
            System.IO.File.WriteAllText(System.IO.Path.Combine(folder, name), text);
        System.IO.File.CreateSymbolicLink(File("..data_tmp"), version);
        // rename(2): File.Move would move into the folder that the old link leads to.
        if (Rename(File("..data_tmp"), File("..data")) != 0)
            throw new IOException($"..data in {_path} cannot be swapped.");
        foreach (var old in Directory.GetFileSystemEntries(_path).Where(one => !System.IO.Path.GetFileName(one).StartsWith("..", StringComparison.Ordinal)))
        {
            if (!files.Any(file => file.Name == System.IO.Path.GetFileName(old)))
                System.IO.File.Delete(old);
        }

        foreach (var (name, _) in files)
        {
            if (new FileInfo(File(name)).LinkTarget is null)
                System.IO.File.CreateSymbolicLink(File(name), "..data/" + name);
        }

        if (_versions > 1)
            Directory.Delete(File(string.Create(CultureInfo.InvariantCulture, $"..v{_versions - 2}")), recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
