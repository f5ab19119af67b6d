namespace Gatehouse.Cli.Doctor;

/// <summary>Text that people paste into a shell.</summary>
internal static class Shell
{
    /// <summary>One word, quoted when it has to be.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+:=@%,".Contains(c)) ? word : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>A file's name as an argument: one that begins with a dash would be taken for an option.</summary>
    public static string QuotePath(string path) => Quote(path.StartsWith('-') ? "./" + path : path);
}
