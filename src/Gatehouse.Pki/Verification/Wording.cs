using System.Globalization;
using System.Text;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>The pieces of sentences that verdicts and reports share.</summary>
internal static class Wording
{
    /// <summary>A certificate by its place in the path, subject and serial number.</summary>
    public static string Describe(ParsedCertificate certificate, PathPlace place) => place switch
    {
        PathPlace.Leaf => $"The client certificate \"{Name(certificate.Subject)}\" (serial {CertificateFacts.SerialText(certificate.Serial.Span)})",
        PathPlace.Intermediate => $"The intermediate CA certificate \"{Name(certificate.Subject)}\" (serial {CertificateFacts.SerialText(certificate.Serial.Span)})",
        _ => $"The account's CA certificate \"{Name(certificate.Subject)}\" (serial {CertificateFacts.SerialText(certificate.Serial.Span)})",
    };

    /// <summary>A name, short enough for a sentence.</summary>
    public static string Name(DistinguishedName name) => PeerText.Cut(name.Text, PeerText.MaxInSentence);

    /// <summary>A time to the second, with its zone.</summary>
    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A length of time in its two largest units, for example <c>3 days 4 hours</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        time = time.Duration();
        (int, string)[] units = [(time.Days, "day"), (time.Hours, "hour"), (time.Minutes, "minute"), (time.Seconds, "second")];
        int first = Array.FindIndex(units, unit => unit.Item1 > 0);
        if (first < 0)
            return "less than a second";
        string text = Count(units[first].Item1, units[first].Item2);
        return first + 1 < units.Length && units[first + 1].Item1 > 0 ? text + " " + Count(units[first + 1].Item1, units[first + 1].Item2) : text;
    }

    /// <summary><c>1 day</c>, <c>2 days</c>.</summary>
    public static string Count(int count, string unit) => count == 1 ? $"1 {unit}" : string.Create(CultureInfo.InvariantCulture, $"{count} {unit}s");

    /// <summary>The subjects of the trusted CAs, four at most.</summary>
    public static string Trusted(TrustAnchors anchors)
    {
        var text = new StringBuilder();
        ReadOnlySpan<ParsedCertificate> all = anchors.Parsed;
        for (int i = 0; i < all.Length && i < 4; i++)
            text.Append(i == 0 ? "\"" : ", \"").Append(Name(all[i].Subject)).Append('"');
        if (all.Length > 4)
            text.Append(CultureInfo.InvariantCulture, $" and {all.Length - 4} more");
        return text.ToString();
    }

    /// <summary>Extended key usages by name, four at most.</summary>
    public static string Purposes(List<string> usages) => usages.Count == 0 ? "none" : string.Join(", ", usages.Take(4).Select(Oids.PurposeName)) + (usages.Count > 4 ? ", …" : "");

    /// <summary>A key identifier, or that there is none.</summary>
    public static string KeyId(ReadOnlyMemory<byte>? id) => CertificateFacts.KeyId(id) ?? "none";
}
