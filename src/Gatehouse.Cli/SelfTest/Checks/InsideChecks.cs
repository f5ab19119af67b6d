namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>Threats that an outsider cannot show: named, so that nobody takes the list for complete.</summary>
internal sealed class InsideChecks(Lab lab) : CheckGroup(lab)
{
    private const string Inside = "not from outside: it needs a change of trust at the gateway; Gatehouse's own test suite makes it";

    public override IEnumerable<Check> All() =>
    [
        Check.NotTested(Threats.A2, "a session after its CA was removed, its certificate revoked or expired", Inside),
        Check.NotTested(Threats.A5, "an empty or damaged CA bundle for one account", Inside),
        Check.NotTested(Threats.A9, "an open connection while its trust ends", Inside),
        Check.NotTested(Threats.A13, "a revoked certificate, and an outdated CRL", Inside),
    ];
}
