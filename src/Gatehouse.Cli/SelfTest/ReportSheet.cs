using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.SelfTest;

/// <summary>The report as an auditor reads it: what was tested when and with what, then threat by threat, then the count.</summary>
internal static class ReportSheet
{
    public static void Show(Sheet sheet, SelfTestReport report)
    {
        sheet.Line("Gatehouse self-test: attacks from outside");
        sheet.Facts(
            ("Target", $"{report.Target} (connected to {report.ConnectedTo})"),
            ("Began", Words.When(report.Began)),
            ("Ended", Words.When(report.Ended)),
            ("Gateway", string.Join(", ", new[] { report.Protocol, report.Server }.Where(known => known is not null).DefaultIfEmpty("unknown"))),
            ("Server certificate", Told(report.ServerCertificate) ?? "none: no handshake ended"),
            ("Client certificate", Told(report.ClientCertificate) ?? "none given"),
            ("Tested by", $"{report.Tool}, {report.Platform}, {report.OpenSsl ?? "no openssl"}"));
        foreach (var group in report.Checks.GroupBy(check => (check.Threat, check.Title)))
        {
            sheet.Line();
            sheet.Line($"{group.Key.Threat}  {group.Key.Title}");
            sheet.Table(["RESULT", "SENT", "CAME BACK"], group.Select(check => new[] { check.Result == CheckResult.Failed ? "FAIL" : check.Result, check.Sent, check.Received }));
        }

        sheet.Line();
        sheet.Line($"{report.Passed} passed, {report.Failed} failed, {report.NotTested} not tested.");
        ShowList(sheet, report, CheckResult.Failed, "Failed");
        ShowList(sheet, report, CheckResult.NotTested, "Not tested");
    }

    private static void ShowList(Sheet sheet, SelfTestReport report, string result, string title)
    {
        var threats = report.Checks.Where(check => check.Result == result).GroupBy(check => check.Threat).Select(group => $"{group.Key} ({group.Count()})").ToList();
        if (threats.Count > 0)
            sheet.Line($"{title}: {string.Join(", ", threats)}.");
    }

    private static string? Told(CertificateFacts? facts) =>
        facts is null ? null : $"{facts.Subject}, issued by {facts.Issuer}, until {Words.When(facts.NotAfter)}, SHA-256 {facts.Sha256}";
}
