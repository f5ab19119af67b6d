namespace Gatehouse.Contracts;

/// <summary>The client certificate a delegate showed, as far as people need it to recognise it.</summary>
/// <param name="Subject">RFC 4514 text, bounded in length.</param>
/// <param name="Issuer">RFC 4514 text, bounded in length.</param>
/// <param name="SerialNumber">Upper-case hex, as <c>openssl x509 -serial</c> prints it.</param>
/// <param name="Sha256">Fingerprint of the DER, upper-case hex without colons.</param>
/// <param name="NotBefore">Start of validity, UTC.</param>
/// <param name="NotAfter">End of validity, UTC.</param>
public sealed record PresentedCertificate(
    string Subject, string Issuer, string SerialNumber, string Sha256, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
