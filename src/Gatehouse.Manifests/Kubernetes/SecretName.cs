using System.Text.RegularExpressions;

namespace Gatehouse.Manifests.Kubernetes;

/// <summary>The names that Kubernetes takes for a Secret: DNS subdomains of RFC 1123.</summary>
internal static partial class SecretName
{
    private const int MaxLength = 253;

    /// <summary>The name, when it is one.</summary>
    /// <exception cref="ManifestException">It is none; no API server would take the manifest.</exception>
    public static string Check(string name) => name.Length <= MaxLength && Subdomain().IsMatch(name)
        ? name
        : throw new ManifestException($"'{name}' cannot be the name of a Secret. Kubernetes takes up to {MaxLength} lower-case letters, digits, '-' and '.', with a letter or digit at both ends and beside every '.', for example client-certificate.");

    [GeneratedRegex(@"\A[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();
}
