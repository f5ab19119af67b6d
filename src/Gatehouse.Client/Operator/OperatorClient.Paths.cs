using System.Globalization;
using System.Text;

namespace Gatehouse.Client.Operator;

public sealed partial class OperatorClient
{
    /// <summary>Fills the <c>{names}</c> of a route template in their order; each value is one path segment, whatever is in it.</summary>
    private static string Path(string template, params ReadOnlySpan<string> values)
    {
        var path = new StringBuilder();
        var rest = template.AsSpan();
        foreach (var value in values)
        {
            // "." and ".." would be folded away by every URL parser on the way, and name another resource.
            var segment = value is "." or ".." or "" ? throw new ArgumentException($"'{value}' cannot be a name.", nameof(values)) : Uri.EscapeDataString(value);
            path.Append(rest[..rest.IndexOf('{')]).Append(segment);
            rest = rest[(rest.IndexOf('}') + 1)..];
        }

        return path.Append(rest).ToString();
    }

    private static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                query.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return query.ToString();
    }

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
