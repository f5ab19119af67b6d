using System.Text.RegularExpressions;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>Finds a received alert in OpenSSL's words: <c>tlsv13 alert certificate required</c>, but <c>tlsv1 unrecognized name</c>.</summary>
internal static partial class AlertText
{
    /// <summary>The alert's name; null when the text tells of none.</summary>
    public static string? Find(string text) => Alert().Match(text) is { Success: true } alert ? alert.Groups[1].Value.TrimEnd() : null;

    // Only received alerts have these prefixes; faults of this side read "SSL routines::unexpected message" and the like.
    [GeneratedRegex(@"\b(?:tlsv1|tlsv13|sslv3)(?: alert)? ([a-z][a-z ]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Alert();
}
