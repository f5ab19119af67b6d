using System.Globalization;

namespace Gatehouse.Delegate;

/// <summary>Reads single variables and collects what is wrong. An empty or blank variable counts as unset: manifests are full of them.</summary>
internal sealed class EnvironmentReader(IReadOnlyDictionary<string, string> environment)
{
    private readonly List<string> _problems = [];

    internal IReadOnlyList<string> Problems => _problems;

    internal void Problem(string sentence) => _problems.Add(sentence);

    internal string? Optional(string name) =>
        environment.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    internal string? Required(string name, string what)
    {
        var value = Optional(name);
        if (value is null)
            Problem($"{name} is not set: it must be {what}.");
        return value;
    }

    internal int Number(string name, int least, int most, int whenUnset)
    {
        if (Optional(name) is not { } text)
            return whenUnset;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Problem($"{name} is “{text}”: {least} to {most} is legal.");
        return whenUnset;
    }

    internal bool Flag(string name, bool whenUnset)
    {
        if (Optional(name) is not { } text)
            return whenUnset;
        if (bool.TryParse(text, out var value))
            return value;
        Problem($"{name} is “{text}”: true and false are legal.");
        return whenUnset;
    }

    internal string OneOf(string name, string[] legal, string whenUnset)
    {
        if (Optional(name) is not { } text)
            return whenUnset;
        if (legal.FirstOrDefault(value => value.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known)
            return known;
        Problem($"{name} is “{text}”: {string.Join(", ", legal)} are legal.");
        return whenUnset;
    }

    /// <summary>An address without user and password, for sentences.</summary>
    internal static string WithoutUser(string address)
    {
        var at = address.LastIndexOf('@');
        return at < 0 ? address : "…" + address[at..];
    }
}
