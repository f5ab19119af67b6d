using System.Text.RegularExpressions;
using Gatehouse.Testing;

namespace Gatehouse.ArchitectureTests;

/// <summary>Rules that no analyzer knows.</summary>
public sealed partial class SourceRulesTests
{
    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/Migrations/", StringComparison.Ordinal));

    [Fact]
    public void Log_event_ids_are_unique_across_the_product()
    {
        var ids = Sources("src").SelectMany(f => EventId().Matches(File.ReadAllText(f)).Select(m => (Id: m.Groups[1].Value, File: Path.GetFileName(f)))).ToList();
        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(i => i.Id).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(i => i.File))}"));
    }

    [Fact]
    public void No_type_is_a_drawer()
    {
        var drawers = Sources("src").Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(n => n.EndsWith("Helper", StringComparison.Ordinal) || n.EndsWith("Helpers", StringComparison.Ordinal) || n.EndsWith("Utils", StringComparison.Ordinal) || n is "Common" or "Util");
        Assert.Empty(drawers);
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        var leftOvers = Sources("src").Concat(Sources("benchmarks")).Where(f => LeftOver().IsMatch(File.ReadAllText(f))).Select(f => Path.GetFileName(f)!);
        Assert.Empty(leftOvers);
    }

    [Fact]
    public void Relative_links_in_documents_lead_somewhere()
    {
        var documents = Directory.EnumerateFiles(SourceTree.Root, "*.md", SearchOption.TopDirectoryOnly)
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories));
        var broken = documents.SelectMany(document => Link().Matches(File.ReadAllText(document))
            .Select(m => m.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target)))
            .Select(target => $"{Path.GetFileName(document)} → {target}"));
        Assert.Empty(broken);
    }

    /// <summary>Where a private key becomes text or bytes: each of these writes a file for its owner alone, or hands it to a program of ours in one or on its stdin.</summary>
    [Fact]
    public void Private_keys_are_exported_in_few_places()
    {
        string[] known =
        [
            "CertificateIssuer.cs", "CertificateIssuer.Requests.cs", "IssuedCertificate.cs", "PkiFile.cs", "Pkcs12.cs", // Pki
            "CertificateFiles.cs", "PkiFiles.cs", "ConvertCommand.cs", "DevelopmentCertificates.cs", "DemoStory.cs", "ForgedChain.cs", // what writes files, or forges
            "LoadedIdentity.cs", "StepIdentity.cs", "Outsider.cs", "OpenSslServerContext.cs", "FileStep.cs", "RunTestsExecutor.cs", // for a step, for curl, for libssl, for a handshake, for a worker
        ];
        var exporting = Sources("src").Where(f => KeyExport().IsMatch(File.ReadAllText(f))).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);
        Assert.Empty(exporting.Except(known));
    }

    [GeneratedRegex(@"ExportPkcs8PrivateKey|ExportKeyPem|ExportKeyDer|ExportPkcs12|PrivateKeyPem\b|ExportRSAPrivateKey|ExportECPrivateKey")]
    private static partial Regex KeyExport();

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId = )?(\d+),")]
    private static partial Regex EventId();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex LeftOver();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
