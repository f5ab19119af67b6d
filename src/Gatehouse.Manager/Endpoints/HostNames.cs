namespace Gatehouse.Manager.Endpoints;

/// <summary>Rules for names that end up in DNS and in SNI (RFC 1123 §2.1, RFC 1035 §2.3.4), stricter than upstream's (protocol sheet §2.4).</summary>
internal static class HostNames
{
    /// <summary>Longest name in DNS, as text without the final dot.</summary>
    public const int MaxLength = 253;

    /// <summary>True for one label: 1 to 63 ASCII letters, digits and inner hyphens.</summary>
    public static bool IsLabel(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > 63 || text[0] == '-' || text[^1] == '-')
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
        }
        return true;
    }

    /// <summary>True for labels joined by dots; an address such as <c>10.0.0.1</c> is not a host name.</summary>
    public static bool IsHostName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength)
            return false;
        var last = 0..0;
        foreach (var range in text.Split('.'))
        {
            if (!IsLabel(text[range]))
                return false;
            last = range;
        }
        // A last label of digits only would make it read as an IPv4 address (WHATWG URL, "ends in a number").
        return text[last].ContainsAnyExceptInRange('0', '9');
    }
}
