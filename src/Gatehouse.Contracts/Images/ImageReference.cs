using System.Text.RegularExpressions;

namespace Gatehouse.Contracts;

/// <summary>A container image's name, taken apart, and what it says about mutual TLS. Manifests, the manager and the upgrader all ask here.</summary>
/// <param name="Text">As written.</param>
/// <param name="Program">The last part of its path, without tag: <c>delegate</c>.</param>
/// <param name="Tag">Its tag; null when there is none, which means <c>latest</c>.</param>
/// <param name="Digest">Its digest; null when there is none.</param>
public sealed partial record ImageReference(string Text, string Program, string? Tag, string? Digest)
{
    /// <summary>Takes a reference apart; a registry's port is not a tag.</summary>
    public static ImageReference Parse(string? text)
    {
        var rest = text ?? "";
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var digest = at < 0 ? null : rest[(at + 1)..];
        rest = at < 0 ? rest : rest[..at];
        var last = rest[(rest.LastIndexOf('/') + 1)..];
        var colon = last.IndexOf(':', StringComparison.Ordinal);
        return new ImageReference(text ?? "", colon < 0 ? last : last[..colon], colon < 0 ? null : last[(colon + 1)..], digest);
    }

    /// <summary>Can a delegate of this image do mutual TLS? Yes when its tag is of the form <c>yy.mm.xxxxx</c>, with or without an addition such as <c>.minimal</c> or <c>-fips</c> (manager sheet §7.5), or when it is one of the allowed.</summary>
    /// <param name="allowed">Patterns of images that can whatever their tag: <c>*</c> stands for any text.</param>
    public bool CanDoMtls(IEnumerable<string> allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        return (Tag is not null && Form().IsMatch(Tag)) || allowed.Any(Fits);
    }

    /// <summary>The image and its tag, as the beginning of a sentence: <c>The image 'delegate:latest' has the tag 'latest'</c>.</summary>
    public string Described => (Text, Tag) switch
    {
        ("", _) => "No image is named",
        (_, null) when Digest is not null => $"The image '{Text}' is named by its digest alone, which does not tell its version",
        (_, null) => $"The image '{Text}' has no tag, which means 'latest'",
        _ => $"The image '{Text}' has the tag '{Tag}'",
    };

    private bool Fits(string pattern) => Regex.IsMatch(Text, "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"^\d{2}\.(?:0[1-9]|1[0-2])\.\d{5,7}(?:[.-][A-Za-z0-9]+)*$")]
    private static partial Regex Form();
}
