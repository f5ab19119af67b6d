using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Certificates;

/// <summary>Reads a file a person named, within bounds, and says what is wrong with it.</summary>
internal static class InputFile
{
    /// <summary>The file's bytes.</summary>
    /// <param name="path">From the current folder. A pipe (process substitution) has no length: it is read up to the bound all the same.</param>
    /// <param name="kind">What it is to people, for example <c>CA file</c>.</param>
    /// <param name="maxBytes">Largest that is read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CliException">Missing, empty, too large or unreadable.</exception>
    public static async Task<byte[]> ReadAsync(string path, string kind, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw CliException.BadInput($"The {kind} '{path}' is a folder. Name the file in it.");
            }

            if (!File.Exists(path))
            {
                throw CliException.BadInput($"The {kind} '{path}' does not exist. Check the path; it is taken from the current folder.");
            }

            // A pipe without a writer keeps open and read waiting, and neither of them listens: the token is asked beside them.
            await using var stream = await Task.Run(() => File.OpenRead(path), cancellationToken).WaitAsync(cancellationToken);
            using var content = new MemoryStream();
            var piece = new byte[32 * 1024];
            for (int read; (read = await stream.ReadAsync(piece, cancellationToken).AsTask().WaitAsync(cancellationToken)) > 0;)
            {
                content.Write(piece, 0, read);
                if (content.Length > maxBytes)
                {
                    throw CliException.BadInput($"The {kind} '{path}' is larger than {Words.Size(maxBytes)}. Is it the right file?");
                }
            }

            return content.Length == 0 ? throw CliException.BadInput($"The {kind} '{path}' is empty. Is it the right file?") : content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.BadInput($"The {kind} '{path}' cannot be read: {Safe.Line(e.Message)}", e);
        }
    }

    /// <summary>The file's bytes; null when there are more than <paramref name="maxBytes"/> of them.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor by this user.</exception>
    public static byte[]? ReadAtMost(string path, int maxBytes)
    {
        using var stream = File.OpenRead(path);
        var content = new byte[maxBytes + 1];
        var read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return read > maxBytes ? null : content[..read];
    }
}
