using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Issuing;

/// <summary>Subject alternative names: what people type, made fit for a certificate.</summary>
internal static class SanNames
{
    /// <summary>A delegate's name as dNSName: lower case, anything but letters, digits, dots and hyphens becomes a hyphen.</summary>
    /// <exception cref="CertificateIssuingException">Nothing is left of it.</exception>
    public static X509Extension ForDelegate(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (char c in name.Trim().ToLowerInvariant())
            clean.Append(char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-');
        string dns = string.Join('.', clean.ToString().Split('.').Select(label => label.Trim('-')).Where(label => label.Length > 0).Select(label => label[..Math.Min(63, label.Length)].TrimEnd('-')));
        dns = dns[..Math.Min(253, dns.Length)].TrimEnd('.', '-');
        if (!dns.Any(char.IsAsciiLetterOrDigit))
            throw new CertificateIssuingException($"The delegate name \"{PeerText.Safe(name)}\" has no letter or digit that could stand in a certificate.");
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dns);
        return names.Build();
    }

    /// <summary>A server's names; addresses become iPAddress entries.</summary>
    /// <exception cref="CertificateIssuingException">None, or one that is no host name.</exception>
    public static X509Extension ForServer(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            string text = host.Trim().ToLowerInvariant().TrimEnd('.');
            if (IPAddress.TryParse(text.Trim('[', ']'), out IPAddress? address))
                names.AddIpAddress(address);
            else if (IsHostName(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text))
                names.AddDnsName(text);
            else
                throw new CertificateIssuingException($"\"{PeerText.Safe(host)}\" is no host name. Use letters, digits, hyphens and dots, with *. in front for a wildcard, or an IP address.");
        }

        return hosts.Count > 0 ? names.Build() : throw new CertificateIssuingException("A server certificate needs at least one host name.");
    }

    private static bool IsHostName(string text) => text.Length is > 0 and <= 253 && text.Split('.').All(label =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
