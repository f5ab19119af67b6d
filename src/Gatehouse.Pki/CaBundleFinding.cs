namespace Gatehouse.Pki;

/// <summary>One finding about a CA bundle.</summary>
/// <param name="Code">Stable code, one of <see cref="CaBundleCodes"/>.</param>
/// <param name="Message">One or two plain sentences that name the certificate (its place and subject) and the way out. Never key material.</param>
public sealed record CaBundleFinding(string Code, string Message);
