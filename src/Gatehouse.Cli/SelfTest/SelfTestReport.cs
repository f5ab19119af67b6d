using System.Runtime.InteropServices;
using Gatehouse.Pki;

namespace Gatehouse.Cli.SelfTest;

/// <summary>One line of the report.</summary>
/// <param name="Threat">Id, for example <c>A1</c>.</param>
/// <param name="Title">What the threat is.</param>
/// <param name="Sent">What was sent.</param>
/// <param name="Received">What came back; or why it was not tested.</param>
/// <param name="Result"><c>pass</c>, <c>fail</c> or <c>not tested</c>.</param>
internal sealed record CheckResult(string Threat, string Title, string Sent, string Received, string Result)
{
    public const string Passed = "pass", Failed = "fail", NotTested = "not tested";
}

/// <summary>What <c>selftest</c> prints as JSON; the page for people has the same.</summary>
/// <param name="Target">The endpoint under attack.</param>
/// <param name="ConnectedTo">Where the packets went.</param>
/// <param name="Began">Start, UTC.</param>
/// <param name="Ended">End, UTC.</param>
/// <param name="Tool">This program's version.</param>
/// <param name="Platform">What it runs on.</param>
/// <param name="OpenSsl">Version of the third-party client; null when there was none.</param>
/// <param name="Protocol">TLS version of the well-behaved request; null when no handshake ended.</param>
/// <param name="Server">What the gateway calls itself, if anything.</param>
/// <param name="ServerCertificate">The gateway's certificate.</param>
/// <param name="ClientCertificate">The good certificate that was used; null when none was given.</param>
/// <param name="Passed">Number of checks that passed.</param>
/// <param name="Failed">Number of checks that failed.</param>
/// <param name="NotTested">Number of checks that showed nothing.</param>
/// <param name="Checks">All of them.</param>
internal sealed record SelfTestReport(
    string Target, string ConnectedTo, DateTimeOffset Began, DateTimeOffset Ended, string Tool, string Platform, string? OpenSsl, string? Protocol, string? Server,
    CertificateFacts? ServerCertificate, CertificateFacts? ClientCertificate, int Passed, int Failed, int NotTested, IReadOnlyList<CheckResult> Checks)
{
    /// <summary>Puts it together.</summary>
    public static SelfTestReport Of(Lab lab, DateTimeOffset began, DateTimeOffset ended, IReadOnlyList<CheckResult> checks) => new(
        $"https://{lab.Input.Site.Host}:{lab.Input.Site.Port}", lab.Input.Site.Endpoint, began, ended,
        $"gatehouse {typeof(SelfTestReport).Assembly.GetName().Version?.ToString(3)}", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}",
        lab.OpenSsl?.Version, lab.Good.Protocol, lab.Good.Header("Server"), lab.ServerCertificate, lab.Input.Client?.Identity.Facts,
        Count(checks, CheckResult.Passed), Count(checks, CheckResult.Failed), Count(checks, CheckResult.NotTested), checks);

    private static int Count(IReadOnlyList<CheckResult> checks, string result) => checks.Count(check => check.Result == result);
}
