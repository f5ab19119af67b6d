namespace Gatehouse.Pki.Verification;

/// <summary>How much work a stranger may ask for.</summary>
/// <param name="MaxPresented">Certificates sent, the leaf included.</param>
/// <param name="MaxTotalBytes">Their DER together.</param>
/// <param name="MaxPathLength">Certificates in a path, leaf and anchor included.</param>
/// <param name="MaxSignatureChecks">Signatures checked in one verification.</param>
/// <param name="MaxSteps">Certificates put on a path in one verification: paths through cross-signed CAs can be more than certificates.</param>
internal sealed record SearchLimits(
    int MaxPresented = 16, int MaxTotalBytes = 64 * 1024, int MaxPathLength = 8, int MaxSignatureChecks = 64, int MaxSteps = 256)
{
    /// <summary>What the product uses.</summary>
    public static SearchLimits Default { get; } = new();
}
