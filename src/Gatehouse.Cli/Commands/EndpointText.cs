using Gatehouse.Cli.Output;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary>An mTLS endpoint for people: what it is called, what it demands, and whom it trusts.</summary>
internal static class EndpointText
{
    public static void Show(Sheet sheet, MtlsEndpointDetails endpoint)
    {
        sheet.Facts(
            ("Account", endpoint.AccountId),
            ("FQDN", endpoint.Fqdn),
            ("Vanity host", endpoint.VanityHost),
            ("Mode", endpoint.Mode.ToString()),
            ("Generation", $"{endpoint.Generation}"),
            ("Created", Words.When(endpoint.CreatedAt)),
            ("Changed", Words.When(endpoint.UpdatedAt)));
        foreach (var ca in TrustedCas(endpoint.CaCertificates))
        {
            sheet.Line("Trusts the CA");
            sheet.Facts(
                ("  subject", ca.Subject),
                ("  serial", ca.SerialNumber),
                ("  SHA-256", ca.Sha256),
                ("  notAfter", Words.When(ca.NotAfter)));
        }
    }

    private static IReadOnlyList<CertificateFacts> TrustedCas(string pem)
    {
        try
        {
            return TrustAnchors.Parse(pem).Facts;
        }
        catch (CaBundleException)
        {
            // Another version's bundle: the server judges it, showing it must not fail.
            return [];
        }
    }
}
