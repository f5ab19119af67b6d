using Gatehouse.Cli.Output;
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
        try
        {
            var file = new FileInfo(path);
            if (Directory.Exists(path))
            {
                throw CliException.BadInput($"The {kind} '{path}' is a folder. Name the file in it.");
            }

            if (!file.Exists)
            {
                throw CliException.BadInput($"The {kind} '{path}' does not exist. Check the path; it is taken from the current folder.");
            }

            // A pipe (process substitution) has no length: it is read up to the bound all the same.
            await using var stream = file.OpenRead();
            using var reader = new StreamReader(stream);
            var buffer = new char[Limits.MaxCaBundleBytes + 1];
            var length = await reader.ReadBlockAsync(buffer, cancellationToken);
            if (length > Limits.MaxCaBundleBytes)
            {
                throw CliException.BadInput($"The {kind} '{path}' is larger than {Words.Size(Limits.MaxCaBundleBytes)}. Is it the right file?");
            }

            var text = new string(buffer, 0, length);
            return string.IsNullOrWhiteSpace(text) ? throw CliException.BadInput($"The {kind} '{path}' is empty. Is it the right file?") : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.BadInput($"The {kind} '{path}' cannot be read: {Safe.Line(e.Message)}", e);
        }
    }
}
