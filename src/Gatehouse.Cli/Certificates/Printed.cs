using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>What <c>certs create-*</c>, <c>sign</c> and <c>renew</c> print as JSON.</summary>
/// <param name="CertificatePath">The certificate.</param>
/// <param name="KeyPath">Its key; null when none was made.</param>
/// <param name="Certificate">What is in it.</param>
/// <param name="Warnings">What deserves a look.</param>
internal sealed record IssuedFiles(string CertificatePath, string? KeyPath, CertificateFacts Certificate, IReadOnlyList<string> Warnings);

/// <summary>What <c>certs inspect</c> prints as JSON.</summary>
/// <param name="Format">PEM, DER or PKCS#12.</param>
/// <param name="Certificates">In the order of the file.</param>
/// <param name="Requests">Certificate requests.</param>
/// <param name="Keys">Private keys: what may be told of them.</param>
/// <param name="Others">Labels of other PEM blocks.</param>
/// <param name="Damaged">Labels of PEM blocks that cannot be read.</param>
internal sealed record InspectedFile(
    string Format, IReadOnlyList<CertificateFacts> Certificates, IReadOnlyList<RequestFacts> Requests, IReadOnlyList<KeyFacts> Keys,
    IReadOnlyList<string> Others, IReadOnlyList<string> Damaged);

/// <summary>What <c>certs convert</c> prints as JSON.</summary>
/// <param name="Files">What was written.</param>
internal sealed record WrittenFiles(IReadOnlyList<string> Files);

/// <summary>What <c>certs lint</c> prints as JSON.</summary>
/// <param name="Usable">No finding is an error.</param>
/// <param name="Findings">Errors first.</param>
internal sealed record LintedFile(bool Usable, IReadOnlyList<LintFinding> Findings);

/// <summary>What <c>certs bundle</c> prints as JSON.</summary>
/// <param name="File">The bundle.</param>
/// <param name="Anchors">Its CA certificates.</param>
/// <param name="Findings">What the server would say about it.</param>
internal sealed record BundleListing(string File, IReadOnlyList<CertificateFacts> Anchors, IReadOnlyList<LintFinding> Findings);
