namespace Gatehouse.Pki;

/// <summary>What <see cref="CaBundle.Check"/> found.</summary>
/// <param name="Errors">Every reason why the bundle cannot be used; empty when it can.</param>
/// <param name="Warnings">What works but deserves a look.</param>
/// <param name="Certificates">The CA certificates in order, duplicates left out.</param>
/// <param name="NormalizedPem">The CA certificates only, LF line ends; what to store. Empty when there are errors.</param>
public sealed record CaBundleReport(
    IReadOnlyList<CaBundleFinding> Errors, IReadOnlyList<CaBundleFinding> Warnings,
    IReadOnlyList<CertificateFacts> Certificates, string NormalizedPem)
{
    /// <summary>True when the bundle can be used.</summary>
    public bool IsUsable => Errors.Count == 0;

    /// <summary>The command that makes a bundle of the usable CA certificates and nothing else, with <c>FILE</c> for the bundle's file; null when there is no usable one.</summary>
    public string? CertificatesOnlyCommand { get; init; }
}
