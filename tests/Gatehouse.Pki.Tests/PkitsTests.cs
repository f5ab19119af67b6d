using System.Runtime.CompilerServices;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Tests;

/// <summary>NIST PKITS 1.0.1. Every row is offered all CA certificates, as its README says, so the limits are raised; the rules are the product's.</summary>
public sealed class PkitsTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2020, 6, 1, 0, 0, 0, TimeSpan.Zero);

    // Invalid only because a CRL says so or is missing: nothing in the certificates is wrong.
    private static readonly HashSet<string> s_needCrl =
    [
        "InvalidBasicSelfIssuedOldWithNewTest2EE", "InvalidBasicSelfIssuedNewWithOldTest5EE", "InvalidLongSerialNumberTest18EE", "InvalidNegativeSerialNumberTest15EE",
        "InvaliddistributionPointTest2EE", "InvaliddistributionPointTest3EE", "InvaliddistributionPointTest6EE", "InvaliddistributionPointTest8EE", "InvaliddistributionPointTest9EE",
        "InvalidkeyUsageCriticalcRLSignFalseTest4EE", "InvalidkeyUsageNotCriticalcRLSignFalseTest5EE",
    ];

    [Fact]
    public void Path_and_policy_rows_come_out_as_published()
    {
        string? folder = Folder();
        if (folder is null)
            Assert.Skip("The PKITS data is not beside the repository (../shared/data/nist-pkits); set GATEHOUSE_PKITS to its folder.");
        (string Name, byte[] Der)[] all = [.. Directory.GetFiles(Path.Combine(folder, "certs"), "*.crt").Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file)))];
        List<ReadOnlyMemory<byte>> cas = [.. all.Where(file => file.Name.EndsWith("Cert", StringComparison.Ordinal)).Select(file => (ReadOnlyMemory<byte>)file.Der)];
        TrustAnchors anchors = TrustAnchors.Parse(PemText.Write("CERTIFICATE", all.Single(file => file.Name == "TrustAnchorRootCertificate").Der));
        var limits = new SearchLimits(1000, 10_000_000, 16, 10_000, 10_000);
        var wrong = new List<string>();
        var counts = new SortedDictionary<string, int>();
        foreach (string[] row in File.ReadLines(Path.Combine(folder, "cases.tsv")).Skip(1).Select(line => line.Split('\t')))
        {
            (string name, bool valid, string kind) = (row[0], row[1] == "valid" && row[2] != "dsa", row[2]); // DSA: refused, whatever it says.
            bool skip = kind is not ("path" or "policy" or "dsa") || s_needCrl.Contains(name);
            string bucket = kind + (skip ? " (not run: needs CRLs)" : valid ? " valid" : " invalid");
            counts[bucket] = counts.GetValueOrDefault(bucket) + 1;
            if (skip)
                continue;
            Verdict verdict = ClientChainVerifier.Verify(all.Single(file => file.Name == name).Der, cas, anchors, RevocationRules.None, s_now, limits);
            if (verdict.Accepted != valid || (kind == "dsa" && verdict.Fault != CertificateFault.Malformed))
                wrong.Add($"{name} ({kind}): expected {row[1]}, got {verdict.Fault}: {verdict.Message}");
        }

        foreach ((string bucket, int count) in counts)
            output.WriteLine($"{bucket}: {count}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(94 + 40 + 3, counts.Where(pair => !pair.Key.Contains("not run")).Sum(pair => pair.Value));
    }

    // From the program upwards or, when it was built elsewhere, from this file.
    private static string? Folder([CallerFilePath] string source = "")
    {
        if (Environment.GetEnvironmentVariable("GATEHOUSE_PKITS") is { Length: > 0 } named)
            return named;
        return Above(AppContext.BaseDirectory) ?? Above(Path.GetDirectoryName(source)!);
    }

    private static string? Above(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "global.json")))
                continue;
            string data = Path.Combine(folder.FullName, "..", "shared", "data", "nist-pkits");
            return Directory.Exists(data) ? data : null;
        }

        return null;
    }
}
