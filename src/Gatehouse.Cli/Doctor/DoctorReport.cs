using Gatehouse.Pki;

namespace Gatehouse.Cli.Doctor;

/// <summary>What <c>doctor</c> prints as JSON; the page for people has the same.</summary>
/// <param name="Target">What was examined.</param>
/// <param name="At">When, by this machine's clock.</param>
/// <param name="Healthy">Nothing but warnings.</param>
/// <param name="Diagnoses">What is wrong: mend the first first.</param>
/// <param name="Observations">What was looked at.</param>
/// <param name="ServerCertificate">The server's; null when no handshake got that far.</param>
/// <param name="ClientCertificate">The delegate's; null when none could be read.</param>
internal sealed record DoctorReport(
    string Target, DateTimeOffset At, bool Healthy, IReadOnlyList<Diagnosis> Diagnoses, IReadOnlyList<Observation> Observations,
    CertificateFacts? ServerCertificate, CertificateFacts? ClientCertificate);
