namespace Gatehouse.Pki;

/// <summary>What became of a certificate request.</summary>
/// <param name="CertificatePem">One certificate, LF line ends.</param>
/// <param name="LeftOut">Names of the extensions the request asked for and did not get.</param>
public sealed record SignedCertificate(string CertificatePem, IReadOnlyList<string> LeftOut);
