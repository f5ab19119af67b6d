using System.Globalization;
using System.Runtime.CompilerServices;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Tests;

/// <summary>
/// NIST PKITS 1.0.1. Every row is offered all CA certificates and all CRLs, as its README says, so the limits are raised, and a list is required for every
/// CA, as RFC 5280 §6.3 has it; the rules are the product's.
/// </summary>
public sealed class PkitsTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2020, 6, 1, 0, 0, 0, TimeSpan.Zero);

    // Deliberate: without a usable list the product accepts (RevocationRules). Lists that were refused at upload are not there either.
    private static readonly string[] s_acceptedWithoutList =
    [
        "InvalidBadCRLIssuerNameTest5EE", "InvalidBadCRLSignatureTest4EE", "InvalidIDPwithindirectCRLTest23EE", "InvalidIDPwithindirectCRLTest26EE",
        "InvalidMissingCRLTest1EE", "InvalidSeparateCertificateandCRLKeysTest21EE", "InvalidUnknownCRLEntryExtensionTest8EE",
        "InvalidUnknownCRLExtensionTest10EE", "InvalidUnknownCRLExtensionTest9EE", "InvalidWrongCRLTest6EE", "InvalidcRLIssuerTest27EE",
        "InvalidcRLIssuerTest31EE", "InvalidcRLIssuerTest32EE", "InvalidcRLIssuerTest34EE", "InvalidcRLIssuerTest35EE",
        "InvaliddeltaCRLIndicatorNoBaseTest1EE", "InvaliddeltaCRLTest4EE", "InvaliddistributionPointTest3EE", "InvaliddistributionPointTest8EE",
        "InvaliddistributionPointTest9EE", "InvalidkeyUsageCriticalcRLSignFalseTest4EE", "InvalidkeyUsageNotCriticalcRLSignFalseTest5EE",
        "InvalidonlyContainsAttributeCertsTest14EE", "InvalidonlyContainsCACertsTest12EE", "InvalidonlyContainsUserCertsTest11EE",
        "InvalidonlySomeReasonsTest17EE",
    ];

    [Fact]
    public void Rows_come_out_as_published()
    {
        PkitsData data = Open();
        RevocationRules rules = RevocationRules.Create(data.Lists(output), CrlPolicy.Strict, TimeSpan.Zero, [], requireForEveryCa: true, unlimited: true);
        var wrong = new List<string>();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach ((string name, bool valid, string kind) in data.Rows)
        {
            Verdict verdict = Judge(data, name, rules);
            // Kinds that are not supported have to be refused when invalid; valid ones may be refused.
            bool asPublished = verdict.Accepted == valid;
            if (!asPublished && (kind is "path" or "crl" or "policy" || !valid))
                wrong.Add($"{name} ({kind}): expected {(valid ? "valid" : "invalid")}, got {verdict.Fault}: {verdict.Message}");
            string bucket = $"{kind} {(valid ? "valid" : "invalid")} {(asPublished ? "as published" : "refused, not supported")}";
            counts[bucket] = counts.GetValueOrDefault(bucket) + 1;
        }

        foreach ((string bucket, int count) in counts)
            output.WriteLine($"{bucket}: {count}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        string[] expected =
        [
            "crl invalid as published: 23", "crl valid as published: 8", "delta-crl invalid as published: 6", "delta-crl valid refused, not supported: 4",
            "dsa invalid as published: 1", "dsa valid refused, not supported: 2", "indirect-crl invalid as published: 7", "indirect-crl valid refused, not supported: 7",
            "path invalid as published: 55", "path valid as published: 50", "policy invalid as published: 23", "policy valid as published: 17",
        ];
        Assert.Equal(expected, counts.Select(pair => $"{pair.Key}: {pair.Value}"));
    }

    [Fact]
    public void Without_a_list_for_every_ca_only_rows_that_lack_one_differ()
    {
        PkitsData data = Open();
        RevocationRules rules = RevocationRules.Create(data.Lists(null), CrlPolicy.Strict, TimeSpan.Zero, [], requireForEveryCa: false, unlimited: true);

        string[] accepted = [.. data.Rows.Where(row => !row.Valid && Judge(data, row.Name, rules).Accepted).Select(row => row.Name)];

        Assert.Equal(s_acceptedWithoutList, accepted);
        Assert.All(data.Rows.Where(row => row.Valid && row.Kind is not ("dsa" or "delta-crl")), row => Assert.True(Judge(data, row.Name, rules).Accepted, row.Name));
    }

    [Fact]
    public void OpenSsl_agrees_on_the_crl_rows()
    {
        PkitsData data = Open();
        using var openssl = new OpenSsl();
        openssl.Write("ca.pem", PemText.Write("CERTIFICATE", data.Certificates["TrustAnchorRootCertificate"]));
        openssl.Write("others.pem", string.Concat(data.Cas.Select(der => PemText.Write("CERTIFICATE", der.Span))));
        openssl.Write("crls.pem", string.Concat(data.ListFiles.Select(file => PemText.Write("X509 CRL", File.ReadAllBytes(file)))));
        RevocationRules rules = RevocationRules.Create(data.Lists(null), CrlPolicy.Strict, TimeSpan.Zero, [], requireForEveryCa: true, unlimited: true);
        int rows = 0;
        foreach ((string name, _, _) in data.Rows.Where(row => row.Kind == "crl"))
        {
            openssl.Write("leaf.pem", PemText.Write("CERTIFICATE", data.Certificates[name]));
            (int code, string text) = openssl.Try("verify", "-crl_check_all", "-extended_crl", "-no-CApath", "-no-CAstore", "-attime", s_now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                "-CAfile", "ca.pem", "-untrusted", "others.pem", "-CRLfile", "crls.pem", "leaf.pem");
            Assert.True(code == 0 == Judge(data, name, rules).Accepted, $"{name}: {text}");
            rows++;
        }

        Assert.Equal(31, rows);
    }

    private static PkitsData Open()
    {
        string? folder = Folder();
        Assert.SkipWhen(folder is null, "The PKITS data is not beside the repository (../shared/data/nist-pkits); set GATEHOUSE_PKITS to its folder.");
        return new PkitsData(folder!);
    }

    private static Verdict Judge(PkitsData data, string name, RevocationRules rules) =>
        ClientChainVerifier.Verify(data.Certificates[name], data.Cas, data.Anchors, rules, s_now, new SearchLimits(1000, 10_000_000, 16, 10_000, 10_000));

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
