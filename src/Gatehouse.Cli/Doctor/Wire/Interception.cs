using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Cli.Doctor.Wire;

/// <summary>
/// Recognises programs that open TLS on the way by the name in the certificates they make. Their root may well be trusted on this machine (that is
/// how they are rolled out), so this is asked before trust is. Names as these products ship; an unknown one is found by not being trusted.
/// </summary>
internal static class Interception
{
    // A word of the issuer's name, and the product.
    private static readonly (string Word, string Product)[] s_products =
    [
        ("Zscaler", "Zscaler"), ("Netskope", "Netskope"), ("goskope", "Netskope"), ("Blue Coat", "Symantec (Blue Coat) ProxySG"), ("ProxySG", "Symantec (Blue Coat) ProxySG"),
        ("Palo Alto", "Palo Alto Networks"), ("Fortinet", "Fortinet FortiGate"), ("FortiGate", "Fortinet FortiGate"), ("FGT", "Fortinet FortiGate"),
        ("Cisco Umbrella", "Cisco Umbrella"), ("OpenDNS", "Cisco Umbrella"), ("Cisco Secure Web", "Cisco Secure Web Appliance"), ("IronPort", "Cisco Secure Web Appliance"),
        ("Sophos", "Sophos"), ("McAfee Web Gateway", "Skyhigh (McAfee) Web Gateway"), ("Skyhigh", "Skyhigh (McAfee) Web Gateway"), ("Check Point", "Check Point"),
        ("Forcepoint", "Forcepoint"), ("Websense", "Forcepoint (Websense)"), ("Barracuda", "Barracuda"), ("WatchGuard", "WatchGuard"), ("SonicWall", "SonicWall"),
        ("iboss", "iboss"), ("Menlo Security", "Menlo Security"), ("Cato Networks", "Cato Networks"), ("Cloudflare for Teams", "Cloudflare Gateway"), ("Gateway CA - Cloudflare", "Cloudflare Gateway"),
        ("Untangle", "Untangle"), ("pfSense", "pfSense"), ("Squid", "Squid with ssl-bump"), ("mitmproxy", "mitmproxy"), ("Charles Proxy", "Charles"), ("DO_NOT_TRUST_Fiddler", "Fiddler"),
        ("Fiddler", "Fiddler"), ("PortSwigger", "Burp Suite"), ("OWASP ZAP", "ZAP"), ("OWASP Root CA", "ZAP"), ("Kaspersky", "Kaspersky"), ("ESET SSL Filter", "ESET"), ("Avast", "Avast"), ("Bitdefender", "Bitdefender"),
    ];

    /// <summary>The product whose certificate this is; null when it is none of those known.</summary>
    public static string? Recognize(X509Certificate2 leaf, X509Certificate2Collection sent)
    {
        foreach (var issuer in sent.Select(one => one.Issuer).Prepend(leaf.Issuer))
        {
            foreach (var (word, product) in s_products)
            {
                if (issuer.Contains(word, StringComparison.OrdinalIgnoreCase))
                    return product;
            }
        }

        return null;
    }
}
