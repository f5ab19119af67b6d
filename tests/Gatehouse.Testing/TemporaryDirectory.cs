namespace Gatehouse.Testing;

/// <summary>A folder of this test's own, gone at its end.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gatehouse-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Delete(Path);

    /// <summary>Deletes a folder and what is in it, or as much of it as is possible.</summary>
    public static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (IOException)
        {
            // What is just ending, here or in a child process, may still write; the temp folder is cleaned by the system.
        }
    }
}
