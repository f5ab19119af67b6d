using System.Security.Cryptography;
using System.Text;
using Gatehouse.Manager.Storage;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Operators;

/// <summary>The first operator API key: made on first start, readable by the server's user only.</summary>
internal sealed partial class OperatorKey(ManagerOptions options, ILogger<OperatorKey> logger)
{
    /// <summary>SHA-256 of the key. Comparing hashes takes the same time wherever a guess differs, and whatever its length.</summary>
    private byte[] _hash = [];

    public string Path => System.IO.Path.GetFullPath(options.OperatorKeyPath);

    /// <summary>Reads the key, or makes it. Until then nothing matches.</summary>
    /// <exception cref="InvalidDataException">The file is there but holds no usable key.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Path))
            await CreateAsync(cancellationToken);
        var key = (await File.ReadAllTextAsync(Path, cancellationToken)).Trim();
        if (key.Length < 32)
            throw new InvalidDataException($"The operator key file {Path} holds no key of at least 32 characters. Delete it to have a new one made.");
        _hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
    }

    public bool Matches(string? candidate) =>
        !string.IsNullOrEmpty(candidate) && candidate.Length <= 1024 && _hash.Length > 0 &&
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(candidate)), _hash);

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        if (System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } folder && !Directory.Exists(folder))
            PrivateFiles.EnsureFolder(folder);
        var draft = Path + ".new-" + Ids.Random();
        await using (var file = PrivateFiles.Open(draft, FileMode.CreateNew, FileAccess.Write))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n"), cancellationToken);
            file.Flush(flushToDisk: true);
        }
        // Whole or not at all: a crash here leaves a draft, never half a key.
        File.Move(draft, Path, overwrite: false);
        Log.Created(logger, Path);
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Information, "Made the first operator key; it is in {Path}", EventName = "OperatorKeyCreated")]
        public static partial void Created(ILogger logger, string path);
    }
}
