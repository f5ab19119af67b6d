using System.Text;

namespace Gatehouse.Manifests.Yaml;

/// <summary>One change of a text.</summary>
/// <param name="Start">From where.</param>
/// <param name="Length">So many characters go.</param>
/// <param name="Text">This comes in their place.</param>
/// <param name="Depth">Of insertions at one place, deeper ones come first: a line of an inner mapping must not come after its parent's next key.</param>
internal sealed record TextEdit(int Start, int Length, string Text, int Depth)
{
    public int End => Start + Length;

    /// <summary>Applies changes, which must not overlap. The same change twice (by way of two aliases) is one.</summary>
    public static string Apply(string text, IEnumerable<TextEdit> edits)
    {
        var result = new StringBuilder(text.Length + 1024);
        var at = 0;
        foreach (var edit in Ordered(edits))
        {
            if (edit.Start < at)
            {
                throw new ManifestException("Two changes of the manifest would overlap. Write its aliases and flow collections ('{…}', '[…]') out, and try again.");
            }

            result.Append(text, at, edit.Start - at).Append(edit.Text);
            at = edit.End;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>In the order of the text.</summary>
    public static IReadOnlyList<TextEdit> Ordered(IEnumerable<TextEdit> edits) =>
        [.. edits.Distinct().OrderBy(edit => edit.Start).ThenBy(edit => edit.Length).ThenByDescending(edit => edit.Depth)];
}
