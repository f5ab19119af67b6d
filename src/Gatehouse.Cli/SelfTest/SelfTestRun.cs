using Gatehouse.Cli.SelfTest.Checks;
using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest;

/// <summary>All checks, one after the other; those that wait for a time limit run beside them.</summary>
internal sealed class SelfTestRun(SelfTestInput input, TimeProvider time)
{
    public async Task<SelfTestReport> RunAsync(CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        var openSsl = await OpenSslClient.FindAsync(cancellationToken);
        var lab = new Lab(input, openSsl, time);
        await lab.PrepareAsync(cancellationToken);

        var control = new ControlChecks(lab);
        CheckGroup[] groups =
        [
            control, new SessionChecks(lab), new HostChecks(lab), new ServerNameChecks(lab), new IdentityHeaderChecks(lab), new AccountChecks(lab),
            new CertificateChecks(lab), new ProtocolChecks(lab), new PatienceChecks(lab), new InsideChecks(lab),
        ];
        // Nobody there: one sentence instead of a hundred.
        var checks = lab.Good.Ending == Ending.Unreachable
            ? throw CliException.Failed($"{input.Site.Endpoint} cannot be reached ({lab.Good.Detail}). Check host and port, or give --connect HOST:PORT where the name has no address here.")
            : groups.SelectMany(group => group.All()).ToList();

        var slow = checks.Where(check => check.IsSlow).ToDictionary(check => check, check => ResultAsync(check, cancellationToken));
        var results = new List<CheckResult>();
        foreach (var check in checks)
            results.Add(slow.TryGetValue(check, out var running) ? await running : await ResultAsync(check, cancellationToken));
        results.Add(await ResultAsync(control.Last(), cancellationToken));
        return SelfTestReport.Of(lab, began, time.GetUtcNow(), [.. InOrder(results)]);
    }

    // Groups of checks reach into more than one threat.
    private static IEnumerable<CheckResult> InOrder(List<CheckResult> results) =>
        results.OrderBy(result => Threats.InOrder.IndexOf(result.Threat));

    private static async Task<CheckResult> ResultAsync(Check check, CancellationToken cancellationToken)
    {
        var finding = await check.Run(cancellationToken);
        return new CheckResult(check.Threat.Id, check.Threat.Title, check.Sent, finding.Received, finding.Outcome switch
        {
            Outcome.Pass => CheckResult.Passed,
            Outcome.Fail => CheckResult.Failed,
            _ => CheckResult.NotTested,
        });
    }
}
