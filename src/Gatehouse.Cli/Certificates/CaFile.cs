using Gatehouse.Contracts;

namespace Gatehouse.Cli.Certificates;

/// <summary>Reads a file that is to hold certificates only, and refuses one with a private key before it leaves this machine.</summary>
internal static class CaFile
{
    /// <summary>The file's text.</summary>
    /// <exception cref="CliException">Missing, empty, too large, unreadable, or with a private key inside.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await ReadTextAsync(path, "CA file", cancellationToken);
        return text.Contains("PRIVATE KEY-----", StringComparison.OrdinalIgnoreCase)
            ? throw CliException.BadInput(
                $"'{path}' holds a private key, so it was not sent. Give only the CA's certificate (the public part, for example ca.crt); "
                + "whoever can read this file can make client certificates, so keep the key away from it.")
            : text;
    }

    /// <summary>A PEM file's text, within bounds.</summary>
    /// <exception cref="CliException">Missing, empty, too large or unreadable.</exception>
    public static async Task<string> ReadTextAsync(string path, string kind, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(new MemoryStream(await InputFile.ReadAsync(path, kind, Limits.MaxCaBundleBytes, cancellationToken)));
        var text = await reader.ReadToEndAsync(cancellationToken);
        return string.IsNullOrWhiteSpace(text) ? throw CliException.BadInput($"The {kind} '{path}' is empty. Is it the right file?") : text;
    }
}
