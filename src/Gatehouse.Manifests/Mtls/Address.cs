namespace Gatehouse.Manifests.Mtls;

/// <summary>What is wrong with an address as a manifest gives it.</summary>
internal static class Address
{
    /// <summary>The fault and its words; null when there is none.</summary>
    /// <param name="value">The address.</param>
    /// <param name="trailingSlash">Has this one a slash at its end, as those of log and TI service have?</param>
    public static (string Suffix, string Message)? Fault(string value, bool trailingSlash)
    {
        if (value.Contains('<', StringComparison.Ordinal) || value.Contains("PUT_YOUR", StringComparison.Ordinal))
        {
            return ("placeholder", "the placeholder was not replaced.");
        }

        if (value.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
        {
            return ("http", "without TLS there is no client certificate. Addresses begin with https.");
        }

        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
        {
            return ("address", "that is no https address.");
        }

        if (uri.AbsolutePath.Contains("//", StringComparison.Ordinal))
        {
            return ("double_slash", "two slashes in a row are another path than one.");
        }

        return trailingSlash == value.EndsWith('/') ? null
            : trailingSlash ? ("slash", "the slash at its end is missing.")
            : ("slash", "with a slash at its end, everything that is put behind it begins with two.");
    }
}
