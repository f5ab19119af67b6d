namespace Gatehouse.Pki;

/// <summary>What may be told of a private key: never the key.</summary>
/// <param name="Format">For example <c>PKCS#8</c>, <c>PKCS#8, encrypted</c>, <c>PKCS#1</c>, <c>SEC 1</c>.</param>
/// <param name="PublicKey">For people, for example <c>RSA 2048</c>; null when it could not be read.</param>
/// <param name="PublicKeySha256">SHA-256 of its SubjectPublicKeyInfo, upper-case hex, as in <see cref="CertificateFacts.PublicKeySha256"/>; null when it could not be read.</param>
/// <param name="Problem">Why it cannot be used, a sentence that completes "The key file …"; null when it can.</param>
public sealed record KeyFacts(string Format, string? PublicKey, string? PublicKeySha256, string? Problem);
