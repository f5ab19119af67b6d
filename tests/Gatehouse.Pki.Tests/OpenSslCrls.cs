using System.Globalization;

namespace Gatehouse.Pki.Tests;

/// <summary>CRLs made by <c>openssl ca -gencrl</c>.</summary>
internal static class OpenSslCrls
{
    /// <summary>Makes <c>{name}.crl</c> (PEM) and <c>{name}.crl.der</c> of a CA; the certificates were revoked before with <see cref="Revoke"/>.</summary>
    /// <param name="openssl">The folder.</param>
    /// <param name="ca">Whose.</param>
    /// <param name="name">File name.</param>
    /// <param name="extensions">Lines of the CRL's extension section; null for none, which makes it version 1.</param>
    /// <param name="signer">Whose key and certificate; the CA's unless told.</param>
    /// <param name="more">More arguments.</param>
    public static CertificateRevocationList Crl(
        this OpenSsl openssl, string ca, string name = "ca", string? extensions = "authorityKeyIdentifier=keyid", string? signer = null, params string[] more)
    {
        Prepare(openssl, ca, extensions);
        openssl.Run(["ca", "-config", ca + ".ca.cnf", "-gencrl", "-keyfile", (signer ?? ca) + ".key", "-cert", (signer ?? ca) + ".crt", "-crlhours", "24", "-out", name + ".crl", .. more]);
        openssl.Run("crl", "-in", name + ".crl", "-outform", "DER", "-out", name + ".crl.der");
        return CertificateRevocationList.Parse(openssl.Bytes(name + ".crl"));
    }

    /// <summary>Puts a certificate on the CA's next list.</summary>
    public static void Revoke(this OpenSsl openssl, string ca, string certificate, params string[] more)
    {
        Prepare(openssl, ca, null);
        openssl.Run(["ca", "-config", ca + ".ca.cnf", "-revoke", certificate + ".crt", "-keyfile", ca + ".key", "-cert", ca + ".crt", .. more]);
    }

    /// <summary>OpenSSL's verdict with CRLs: true for accepted.</summary>
    public static bool AcceptsWithCrls(this OpenSsl openssl, string leaf, string anchor, string[] intermediates, string[] crls, DateTimeOffset at, string check = "-crl_check")
    {
        var arguments = new List<string> { "verify", check, "-extended_crl", "-partial_chain", "-no-CApath", "-no-CAstore", "-attime", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "-CAfile", anchor + ".crt" };
        foreach (string intermediate in intermediates)
            arguments.AddRange(["-untrusted", intermediate + ".crt"]);
        foreach (string crl in crls)
            arguments.AddRange(["-CRLfile", crl + ".crl"]);
        return openssl.Try([.. arguments, leaf + ".crt"]).Code == 0;
    }

    private static void Prepare(OpenSsl openssl, string ca, string? extensions)
    {
        string crlExtensions = extensions is null ? "" : "crl_extensions=x\n";
        openssl.Write(ca + ".ca.cnf", $"[ca]\ndefault_ca=d\n[d]\ndatabase={ca}.index\ncrlnumber={ca}.crlnumber\ndefault_md=sha256\n{crlExtensions}unique_subject=no\n[x]\n{extensions}\n");
        if (openssl.Exists(ca + ".index"))
            return;
        openssl.Write(ca + ".index", "");
        openssl.Write(ca + ".crlnumber", "1A\n");
    }
}
