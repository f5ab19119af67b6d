using System.Text;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Manifests;

/// <summary>A manifest as a file, or as what stdin brings.</summary>
internal static class ManifestFile
{
    /// <summary>More than a hundred delegates take.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string Stdin = "-";
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Is it stdin, and not a file?</summary>
    public static bool IsStdin(string path) => path == Stdin;

    /// <summary>Its text, a byte order mark included.</summary>
    /// <exception cref="CliException">Missing, empty, too large, unreadable, or not UTF-8.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var bytes = await InputFile.ReadAsync(IsStdin(path) ? "/dev/stdin" : path, "manifest", MaxBytes, cancellationToken);
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw CliException.BadInput($"The manifest '{path}' is not UTF-8 text. Save it as UTF-8, and try again.", e);
        }
    }

    /// <summary>Puts a text in a file's place at once: whoever reads meanwhile sees the whole old file or the whole new one.</summary>
    /// <param name="path">The file; a link is followed.</param>
    /// <param name="text">Its new text.</param>
    /// <param name="isSecret">Does it hold a private key? Then only its owner may read it.</param>
    /// <exception cref="CliException">It cannot be written; nothing was changed.</exception>
    public static void Write(string path, string text, bool isSecret)
    {
        var target = path;
        var beside = "";
        try
        {
            if (IsNoFile(path))
            {
                File.WriteAllText(path, text, s_utf8);
                return;
            }

            target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? path;
            beside = $"{target}.{Path.GetRandomFileName()}";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = Mode(target, isSecret);
            }

            using (var stream = new FileStream(beside, options))
            {
                if (!OperatingSystem.IsWindows())
                {
                    // The process's mask has taken from it what the file had.
                    File.SetUnixFileMode(stream.SafeFileHandle, Mode(target, isSecret));
                }

                stream.Write(s_utf8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (beside.Length > 0)
            {
                File.Delete(beside);
            }

            throw CliException.Failed($"'{path}' cannot be written, and was left as it was: {Safe.Line(e.Message)}", e);
        }
    }

    /// <summary>Devices and pipes (<c>/dev/stdout</c>, <c>&gt;(…)</c>) are written to; a file in their place would be a mistake.</summary>
    private static bool IsNoFile(string path) => Path.GetFullPath(path) is { } full && (full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal));

    private static UnixFileMode Mode(string target, bool isSecret)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return isSecret || OperatingSystem.IsWindows() ? OwnerOnly
            : File.Exists(target) ? File.GetUnixFileMode(target)
            : OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    }
}
