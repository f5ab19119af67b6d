using System.Text;
using Gatehouse.Pki;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// A CA bundle as somebody uploads it. It is usable or not, never anything else; what is stored of a usable one is read by the gateway
/// without an objection, and checking it again changes nothing.
/// </summary>
internal sealed class PemTarget : IFuzzTarget
{
    public string Name => "ca-bundle";

    public int MaxLength => 4 * 1024;

    public IEnumerable<byte[]> Seeds => new[] { FixedChain.CaPem, FixedChain.CaPem + FixedChain.IntermediatePem, "text\r\n" + FixedChain.CaPem.ReplaceLineEndings("\r\n"), FixedChain.LeafPem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "" }
        .Select(Encoding.UTF8.GetBytes);

    public IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "-----BEGIN ", "-----END ", "-----", "CERTIFICATE", "PRIVATE KEY", "X509 CERTIFICATE", "\n", "\r\n", "Proc-Type: 4,ENCRYPTED\n\n", ":", "=", "\ufeff", "AAAA" }.Select(Encoding.UTF8.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var report = CaBundle.Check(text, FixedChain.Now);
        FuzzFindingException.UnlessEqual(report.IsUsable, report.NormalizedPem.Length > 0, "Usable");
        if (report.IsUsable)
        {
            var anchors = TrustAnchors.Parse(report.NormalizedPem);
            FuzzFindingException.UnlessEqual(report.Certificates.Count, anchors.Facts.Count, "Anchors of a usable bundle");
            FuzzFindingException.UnlessEqual(report.NormalizedPem, CaBundle.Check(report.NormalizedPem, FixedChain.Now).NormalizedPem, "Normalized again");
        }
        try
        {
            TrustAnchors.Parse(text);
        }
        catch (CaBundleException)
        {
            // A bundle that cannot be used: said so.
        }
    }
}
