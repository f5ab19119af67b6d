using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;

namespace Gatehouse.Delegate;

/// <summary>Finds report files by globs below a folder: <c>*</c> and <c>?</c> within a name, <c>**</c> over folders. Links to folders are not followed.</summary>
internal sealed class ReportFiles
{
    internal const int MaxGlobs = 100;

    /// <summary>Files looked at; a checkout with more is given up on rather than walked for minutes.</summary>
    private const int MaxEntries = 1_000_000;

    private const int MaxDepth = 64;

    private readonly Regex[] _globs;

    /// <param name="globs">Relative to the folder, with <c>/</c>.</param>
    internal ReportFiles(IEnumerable<string> globs) => _globs = [.. globs.Select(glob => new Regex(Pattern(glob), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking))];

    /// <summary>True when a glob fits.</summary>
    /// <param name="path">Relative to the folder, with <c>/</c>.</param>
    internal bool Match(string path) => _globs.Any(glob => glob.IsMatch(path));

    /// <summary>Relative paths of regular files that fit, in the order of their names.</summary>
    /// <exception cref="IOException">There is no such folder, or far too much in it.</exception>
    internal IReadOnlyList<string> In(string folder)
    {
        if (_globs.Length == 0)
            return [];
        var seen = 0;
        var found = new FileSystemEnumerable<string>(
            folder, (ref entry) => Path.GetRelativePath(folder, entry.ToFullPath()).Replace('\\', '/'),
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
        {
            ShouldIncludePredicate = (ref entry) => ++seen <= MaxEntries && !entry.IsDirectory,
            ShouldRecursePredicate = (ref entry) => seen <= MaxEntries && !entry.FileName.SequenceEqual(".git"),
        };
        List<string> fits = [.. found.Where(Match).Order(StringComparer.Ordinal)];
        return seen <= MaxEntries ? fits : throw new IOException($"{folder} holds more than {MaxEntries} files");
    }

    private static string Pattern(string glob)
    {
        var text = new StringBuilder("^");
        var path = glob.Replace('\\', '/');
        path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '*' && i + 1 < path.Length && path[i + 1] == '*')
            {
                // "**/" also stands for no folder at all.
                var isFolder = i + 2 < path.Length && path[i + 2] == '/';
                text.Append(isFolder ? "(?:[^/]+/)*" : ".*");
                i += isFolder ? 2 : 1;
            }
            else
            {
                text.Append(path[i] switch { '*' => "[^/]*", '?' => "[^/]", var c => Regex.Escape(c.ToString()) });
            }
        }

        return text.Append('$').ToString();
    }
}
