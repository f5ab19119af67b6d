using System.Text;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>
/// A selection as an expression for <c>dotnet test --filter</c>. It may take a test too many, never one too few: names are looked for within the full name, because some
/// frameworks add arguments to it, and classes with arguments run as a whole.
/// </summary>
internal static class DotnetFilter
{
    /// <summary>Conditions that are still evaluated quickly for every test of a large project; beyond, whole classes are named, and beyond that nothing is filtered.</summary>
    internal const int MaxConditions = 2_000;

    /// <summary>An expression that no test fits.</summary>
    internal const string Nothing = "FullyQualifiedName=Gatehouse.NoTestIsSelected";

    /// <summary>The expression; null when there would be too many conditions: then everything has to run.</summary>
    internal static string? Of(IReadOnlyList<RunnableTest> tests)
    {
        if (tests.Count == 0)
            return Nothing;
        var classes = tests.GroupBy(test => string.IsNullOrEmpty(test.Pkg) ? test.Class : $"{test.Pkg}.{test.Class}", StringComparer.Ordinal)
            .Select(group => (Name: group.Key, Methods: group.Any(test => string.IsNullOrEmpty(test.Method)) ? null : group.Select(test => test.Method!).Distinct(StringComparer.Ordinal).ToList()))
            .ToList();
        if (classes.Sum(one => one.Methods is null ? 3 : one.Methods.Count + 1) <= MaxConditions)
            return Join(classes.SelectMany(one => one.Methods is null ? Whole(one.Name) : [.. one.Methods.Select(method => $"{one.Name}.{method}"), one.Name + "("]));
        return classes.Count * 3 <= MaxConditions ? Join(classes.SelectMany(one => Whole(one.Name))) : null;
    }

    /// <summary>The class, classes nested in it, and the class with arguments.</summary>
    private static string[] Whole(string name) => [name + ".", name + "+", name + "("];

    private static string Join(IEnumerable<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
            Escape(text.Append(text.Length == 0 ? "" : "|").Append("FullyQualifiedName~"), part);
        return text.ToString();
    }

    private static void Escape(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            if (c is '\\' or '(' or ')' or '&' or '|' or '=' or '!' or '~')
                text.Append('\\');
            text.Append(c);
        }
    }
}
