namespace Gatehouse.Pki;

/// <summary>A new certificate with its key.</summary>
/// <param name="CertificatePem">One certificate, LF line ends.</param>
/// <param name="PrivateKeyPem">PKCS#8, not encrypted. A secret: write it with mode 0600 and nowhere else.</param>
public sealed record IssuedCertificate(string CertificatePem, string PrivateKeyPem)
{
    /// <summary>The certificate only: a record's text must not spill the key into a log.</summary>
    public override string ToString() => CertificatePem;
}
