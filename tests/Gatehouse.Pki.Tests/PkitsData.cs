using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Tests;

/// <summary>The files of the suite.</summary>
internal sealed class PkitsData
{
    public PkitsData(string folder)
    {
        Certificates = Directory.GetFiles(Path.Combine(folder, "certs"), "*.crt").ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllBytes);
        Cas = [.. Certificates.Where(file => file.Key.EndsWith("Cert", StringComparison.Ordinal)).Select(file => (ReadOnlyMemory<byte>)file.Value)];
        Anchors = TrustAnchors.Parse(PemText.Write("CERTIFICATE", Certificates["TrustAnchorRootCertificate"]));
        ListFiles = [.. Directory.GetFiles(Path.Combine(folder, "crls")).Order(StringComparer.Ordinal)];
        Rows = [.. File.ReadLines(Path.Combine(folder, "cases.tsv")).Skip(1).Select(line => line.Split('\t')).Select(row => (row[0], row[1] == "valid", row[2]))];
    }

    public Dictionary<string, byte[]> Certificates { get; }

    public List<ReadOnlyMemory<byte>> Cas { get; }

    public TrustAnchors Anchors { get; }

    public List<string> ListFiles { get; }

    public List<(string Name, bool Valid, string Kind)> Rows { get; }

    /// <summary>The lists that can be used; the others are told with their reason.</summary>
    public List<CertificateRevocationList> Lists(ITestOutputHelper? output)
    {
        var lists = new List<CertificateRevocationList>();
        foreach (string file in ListFiles)
        {
            try
            {
                lists.Add(CertificateRevocationList.Parse(File.ReadAllBytes(file)));
            }
            catch (RevocationListException e)
            {
                output?.WriteLine($"{Path.GetFileName(file)}: {e.Message}");
            }
        }

        output?.WriteLine($"CRLs read: {lists.Count} of {ListFiles.Count}");
        return lists;
    }
}
