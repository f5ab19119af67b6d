using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>What is in a file, for people.</summary>
internal static class InspectionSheet
{
    public static void Show(Sheet sheet, PkiFile file, List<CertificateFacts> certificates)
    {
        foreach (var one in certificates)
        {
            CertificateText.Facts(sheet, one);
            sheet.Line();
        }

        foreach (var request in file.Requests)
        {
            sheet.Facts(
                ("Request for", request.Subject),
                ("Key", request.PublicKey),
                ("Names", request.DnsNames.Count == 0 ? null : Words.List(request.DnsNames)),
                ("Problem", request.Problem is null ? null : $"it {request.Problem}"));
            sheet.Line();
        }

        foreach (var key in file.Keys)
        {
            var place = certificates.FindIndex(one => one.PublicKeySha256 == key.PublicKeySha256) + 1;
            sheet.Facts(
                ("Private key", key.PublicKey is null ? key.Format : $"{key.Format}, {key.PublicKey} (not shown)"),
                ("Public half", key.PublicKeySha256 is null ? null : $"SHA-256 {key.PublicKeySha256}"),
                ("Belongs to", place > 0 ? $"certificate {place} of this file" : null),
                ("Problem", key.Problem is null ? null : $"it {key.Problem}"));
        }

        foreach (var other in file.Others)
        {
            sheet.Line($"{other}: not a certificate, not shown.");
        }

        foreach (var label in file.Damaged)
        {
            sheet.Line($"{label}: damaged, cannot be read. Copy it again, the BEGIN and END lines included.");
        }
    }
}
