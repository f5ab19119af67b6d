namespace Gatehouse.Pki.Files;

/// <summary>Says what a file is that should have been a certificate: the mistakes people make with three files that look alike.</summary>
internal static class NotACertificate
{
    public static string Explain(PkiFile file)
    {
        if (file.Requests.Count > 0)
        {
            return "This is a certificate request (CSR), not a certificate: what the CA makes of it is the certificate. "
                + "Have it signed, for example with \"gatehouse certs sign\".";
        }

        if (file.Keys.Count > 0)
        {
            return "This is the private key, not the certificate. Do not upload it or hand it on: whoever has it can pass for its owner. "
                + "The certificate is the file with -----BEGIN CERTIFICATE-----, usually .crt.";
        }

        if (file.Damaged.Count > 0)
            return "The file is damaged: a PEM block has no end, or is not Base64. Copy it again, the BEGIN and END lines included.";
        return file.Others.Count > 0
            ? $"The file holds no certificate, but: {string.Join(", ", file.Others.Take(4))}." + (file.Others[0] is "PKCS7" or "CMS" ? " Convert it with \"openssl pkcs7 -print_certs\"." : "")
            : "The file holds no certificate.";
    }
}
