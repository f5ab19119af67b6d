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
            ("Changed", Words.When(endpoint.UpdatedAt)),
            ("CRLs", endpoint.Revocation is { Crls.Count: > 0 } lists ? $"{lists.Crls.Count}, {CrlCommands.Text(lists.Policy)}" : null),
            ("Denied", endpoint.Revocation is { Denied: > 0 } denied ? $"{denied.Denied} (gatehouse mtls deny list)" : null));
        foreach (var crl in endpoint.Revocation?.Crls ?? [])
        {
            if (crl.Warning is { } warning)
            {
                sheet.Line($"CRL {crl.Id}: {warning}");
            }
        }

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
