using System.Security.Cryptography;
using System.Text;

namespace Gatehouse.Client;

/// <summary>What is in the files at one look; what cannot be read is content, too. Holds key material: never kept longer than it takes to judge it.</summary>
internal sealed class IdentityContents
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>Of a folder of roots; the system's own bundle is some 150 roots in one file.</summary>
    private const int MaxRootFiles = 512, MaxRootBytes = 16 * 1024 * 1024;

    private IdentityContents(PairFiles? pair, byte[] certificate, byte[] key, string? pairProblem, IReadOnlyList<RootFile> roots, string? rootsProblem)
    {
        (Pair, Certificate, Key, PairProblem, Roots, RootsProblem) = (pair, certificate, key, pairProblem, roots, rootsProblem);
        PairHash = HashOf([Encoding.UTF8.GetBytes($"{pair} {pairProblem}"), certificate, key]);
        RootsHash = HashOf([Encoding.UTF8.GetBytes(rootsProblem ?? ""), .. roots.SelectMany(root => (byte[][])[Encoding.UTF8.GetBytes($"{root.Path} {root.Problem}"), root.Bytes])]);
    }

    private IdentityContents(IdentityContents other) =>
        (Pair, Certificate, Key, Roots, PairHash, RootsHash) = (other.Pair, [], [], [], other.PairHash, other.RootsHash);

    /// <summary>Null when no client certificate is wanted.</summary>
    internal PairFiles? Pair { get; }

    internal byte[] Certificate { get; }

    /// <summary>Secret.</summary>
    internal byte[] Key { get; }

    /// <summary>Why the pair could not be read, a sentence; null when it could.</summary>
    internal string? PairProblem { get; }

    internal IReadOnlyList<RootFile> Roots { get; }

    /// <summary>Why the folder could not be read as a whole; null when it could.</summary>
    internal string? RootsProblem { get; }

    internal byte[] PairHash { get; }

    internal byte[] RootsHash { get; }

    /// <summary>The same to compare with, without what is in the files.</summary>
    internal IdentityContents WithoutSecrets() => new(this);

    internal bool IsSameAs(IdentityContents other) => PairHash.AsSpan().SequenceEqual(other.PairHash) && RootsHash.AsSpan().SequenceEqual(other.RootsHash);

    /// <summary>Looks once.</summary>
    internal static IdentityContents Read(IdentityFiles files)
    {
        var pair = files.CertificatePath is null ? null : files.FindPair();
        var (certificate, key, problem) = (Array.Empty<byte>(), Array.Empty<byte>(), (string?)null);
        try
        {
            if (pair is not null)
                (certificate, key) = (ReadFile(pair.CertificatePath, "certificate"), ReadFile(pair.KeyPath, "key"));
        }
        catch (ClientIdentityException failure)
        {
            problem = failure.Message;
        }

        var (roots, rootsProblem) = ReadRoots(files.RootsDirectory, pair?.CaPath);
        return new IdentityContents(pair, certificate, key, problem, roots, rootsProblem);
    }

    private static (List<RootFile> Roots, string? Problem) ReadRoots(string? folder, string? more)
    {
        var roots = new List<RootFile>();
        string? problem = null;
        try
        {
            IEnumerable<string> paths = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal) : [];
            long bytes = 0;
            foreach (var path in more is null ? paths : paths.Append(more))
            {
                if (roots.Count == MaxRootFiles || bytes > MaxRootBytes)
                    return (roots, $"{folder} holds more than {MaxRootFiles} files or {MaxRootBytes / (1024 * 1024)} MiB: the rest was skipped as a source of server roots.");
                roots.Add(ReadRoot(path));
                bytes += roots[^1].Bytes.Length;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"{folder} cannot be read as a source of server roots: {failure.Message.TrimEnd('.')}.";
        }

        return (roots, problem);
    }

    private static RootFile ReadRoot(string path)
    {
        try
        {
            return new FileInfo(path).Length > MaxFileBytes ? new RootFile(path, [], "it is larger than 1 MiB") : new RootFile(path, File.ReadAllBytes(path), null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new RootFile(path, [], failure.Message.TrimEnd('.'));
        }
    }

    private static byte[] ReadFile(string path, string what)
    {
        try
        {
            if (Directory.Exists(path))
                throw new ClientIdentityException($"The client {what} {path} is a folder. With Docker that happens when the file to mount does not exist on the host.");
            if (new FileInfo(path).Length > MaxFileBytes)
                throw new ClientIdentityException($"The client {what} {path} is larger than 1 MiB.");
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ClientIdentityException($"The client {what} {path} cannot be read: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    /// <summary>Each part by its own hash, so that nothing can move from one into the next.</summary>
    private static byte[] HashOf(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
            hash.AppendData(SHA256.HashData(part));
        return hash.GetHashAndReset();
    }
}

/// <summary>One file of the folder of roots.</summary>
/// <param name="Path">Where.</param>
/// <param name="Bytes">What is in it.</param>
/// <param name="Problem">Why it could not be read; null when it could.</param>
internal sealed record RootFile(string Path, byte[] Bytes, string? Problem);
