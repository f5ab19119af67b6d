using YamlDotNet.Core;

namespace Gatehouse.Manifests.Yaml;

/// <summary>A node of a YAML text and the place where it is written. Offsets count UTF-16 characters from the text's beginning.</summary>
internal abstract class YamlNode
{
    /// <summary>Where it begins, anchor and tag included.</summary>
    public required int Start { get; init; }

    /// <summary>Where its own text begins, after anchor and tag: the first key, dash, brace or character.</summary>
    public required int ContentStart { get; init; }

    /// <summary>Behind its last character; neither the rest of the line nor comments belong to it.</summary>
    public abstract int End { get; }
}

/// <summary>Text, a number, true, false or nothing.</summary>
internal sealed class YamlScalar : YamlNode
{
    public required string Value { get; init; }

    public required ScalarStyle Style { get; init; }

    public required int ContentEnd { get; init; }

    public override int End => ContentEnd;

    public bool IsBlock => Style is ScalarStyle.Literal or ScalarStyle.Folded;

    /// <summary>Is it text for whoever reads the manifest, and not a number, a truth value or nothing?</summary>
    public required bool IsText { get; init; }
}

/// <summary>Keys and values.</summary>
internal sealed class YamlMapping : YamlNode
{
    public required bool IsFlow { get; init; }

    public List<YamlEntry> Entries { get; } = [];

    /// <summary>Of a flow mapping: behind its brace.</summary>
    public int FlowEnd { get; set; }

    public override int End => IsFlow ? FlowEnd : Entries.Count == 0 ? ContentStart : Entries[^1].End;
}

/// <summary>A key and its value.</summary>
internal sealed record YamlEntry(YamlScalar Key, YamlNode Value)
{
    public int End => Math.Max(Key.End, Value.End);
}

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlNode
{
    public required bool IsFlow { get; init; }

    public List<YamlNode> Items { get; } = [];

    /// <summary>Of a flow sequence: behind its bracket.</summary>
    public int FlowEnd { get; set; }

    public override int End => IsFlow ? FlowEnd : Items.Count == 0 ? ContentStart : Items[^1].End;
}

/// <summary>A reference to an anchored node.</summary>
internal sealed class YamlAlias : YamlNode
{
    public required YamlNode Target { get; init; }

    public required int ContentEnd { get; init; }

    public override int End => ContentEnd;
}
