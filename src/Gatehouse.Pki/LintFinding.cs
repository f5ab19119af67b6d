namespace Gatehouse.Pki;

/// <summary>One finding about a file of certificates.</summary>
/// <param name="Severity">Does it keep anybody out?</param>
/// <param name="Code">Stable code: one of <see cref="CaBundleCodes"/> or of <see cref="ClientLintCodes"/>.</param>
/// <param name="Message">Plain sentences with the way out. Never key material.</param>
/// <param name="Command">The command that mends it, with <c>FILE</c> for the file; null when no command does.</param>
public sealed record LintFinding(LintSeverity Severity, string Code, string Message, string? Command);
