using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>What <c>certs create-*</c> prints as JSON.</summary>
internal sealed record IssuedFiles(string CertificatePath, string KeyPath, CertificateFacts Certificate);

/// <summary>What <c>certs inspect</c> prints as JSON.</summary>
/// <param name="Certificates">In the order of the file.</param>
/// <param name="Others">Labels of PEM blocks that are no certificates.</param>
internal sealed record InspectedFile(IReadOnlyList<CertificateFacts> Certificates, IReadOnlyList<string> Others);

/// <summary>What <c>certs verify</c> prints as JSON.</summary>
/// <param name="Accepted">Would a delegate with this certificate get in?</param>
/// <param name="Code">The refusal code; null when accepted.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="NextStep">The way out.</param>
/// <param name="ValidUntil">When the certificate stops being accepted by itself.</param>
/// <param name="Certificate">The client certificate.</param>
/// <param name="BundleErrors">Why the server would not take the CA bundle.</param>
/// <param name="BundleWarnings">What the server would say about it.</param>
internal sealed record VerifiedFile(
    bool Accepted, string? Code, string Message, string NextStep, DateTimeOffset? ValidUntil, CertificateFacts? Certificate,
    IReadOnlyList<CaBundleFinding> BundleErrors, IReadOnlyList<CaBundleFinding> BundleWarnings);
