namespace Gatehouse.Pki;

/// <summary>What <see cref="RevocationListCheck.Check"/> found.</summary>
/// <param name="Errors">Every reason why the list cannot be used with the account's CAs; empty when it can.</param>
/// <param name="Warnings">What works but deserves a look.</param>
/// <param name="Signer">The CA of the account that signed it; null when none did, for example because it is of an intermediate.</param>
public sealed record RevocationListReport(
    IReadOnlyList<RevocationListFinding> Errors, IReadOnlyList<RevocationListFinding> Warnings, CertificateFacts? Signer)
{
    /// <summary>
    /// Names the series the list belongs to, as hex: a later list of the same CA key for the same certificates takes its place. Two CAs of one name, and
    /// the parts of a partitioned list, are different series. What stands here is to be compared, not read.
    /// </summary>
    public required string Series { get; init; }

    /// <summary>True when the list can be used.</summary>
    public bool IsUsable => Errors.Count == 0;
}
