namespace Gatehouse.Contracts.Tests.Admission;

/// <summary>The truth table of the protocol sheet §3.1.</summary>
public sealed class AdmissionTests
{
    private const string Fqdn = "customer1.agent.example.io";

    [Theory]
    [InlineData("none", null, AdmissionKind.AcceptPlain, null)]
    [InlineData("none", "", AdmissionKind.AcceptPlain, null)]
    [InlineData("none", Fqdn, AdmissionKind.Refuse, RefusalCode.AccountMismatch)]
    [InlineData("LOOSE", null, AdmissionKind.AcceptPlain, null)]
    [InlineData("LOOSE", "", AdmissionKind.AcceptPlain, null)]
    [InlineData("LOOSE", Fqdn, AdmissionKind.AcceptMtls, null)]
    [InlineData("LOOSE", "customer2.agent.example.io", AdmissionKind.Refuse, RefusalCode.AccountMismatch)]
    [InlineData("LOOSE", "Customer1.agent.example.io", AdmissionKind.Refuse, RefusalCode.AccountMismatch)]
    [InlineData("LOOSE", " ", AdmissionKind.Refuse, RefusalCode.AccountMismatch)]
    [InlineData("STRICT", null, AdmissionKind.Refuse, RefusalCode.MtlsRequired)]
    [InlineData("STRICT", "", AdmissionKind.Refuse, RefusalCode.MtlsRequired)]
    [InlineData("STRICT", Fqdn, AdmissionKind.AcceptMtls, null)]
    [InlineData("STRICT", Fqdn + ".", AdmissionKind.Refuse, RefusalCode.AccountMismatch)]
    [InlineData("damaged", null, AdmissionKind.Refuse, RefusalCode.MtlsRequired)]
    [InlineData("damaged", Fqdn, AdmissionKind.AcceptMtls, null)]
    [InlineData("damaged", "other", AdmissionKind.Refuse, RefusalCode.AccountMismatch)]
    public void Truth_table(string endpoint, string? authority, AdmissionKind kind, RefusalCode? code)
    {
        var rule = endpoint == "none" ? null : new EndpointRule("acme", Fqdn, endpoint == "damaged" ? null : Enum.Parse<MtlsMode>(endpoint));
        var decision = Contracts.Admission.Decide(rule, authority, "acme");
        Assert.Equal(new AdmissionDecision(kind, code), decision);
        Assert.Equal(kind != AdmissionKind.Refuse, decision.IsAccepted);
    }

    [Fact]
    public void Another_accounts_rule_admits_nobody() =>
        Assert.False(Contracts.Admission.Decide(new EndpointRule("rival", Fqdn, MtlsMode.LOOSE), Fqdn, "acme").IsAccepted);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_account_is_a_programming_error(string? account) =>
        Assert.ThrowsAny<ArgumentException>(() => Contracts.Admission.Decide(null, null, account!));

    [Fact]
    public void The_default_decision_refuses() => Assert.False(default(AdmissionDecision).IsAccepted);
}
