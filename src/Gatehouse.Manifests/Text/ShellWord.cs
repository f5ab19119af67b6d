namespace Gatehouse.Manifests.Text;

/// <summary>One word of a POSIX shell's command line.</summary>
public static class ShellWord
{
    /// <summary>Written so that any <c>sh</c> takes it for exactly this text.</summary>
    /// <exception cref="ManifestException">It has a NUL character, which no argument can have.</exception>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ManifestException("A value has a NUL character, which no command can be given.");
        }

        return text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '.' or '_' or '-' or ':' or ',' or '@' or '%' or '+' or '=')
            ? text
            : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
