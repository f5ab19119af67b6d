namespace Gatehouse.Pki;

/// <summary>One finding about a CRL.</summary>
/// <param name="Code">Stable code, one of <see cref="RevocationListCodes"/>.</param>
/// <param name="Message">Plain sentences with the facts and the way out.</param>
public sealed record RevocationListFinding(string Code, string Message);
