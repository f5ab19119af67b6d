using Gatehouse.Cli.Doctor;
using Gatehouse.Cli.Doctor.Steps;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Tests.Commands;

/// <summary>An address with a password is refused, and the refusal does not show it.</summary>
public sealed class WhenAnAddressHoldsAPassword
{
    [Theory]
    [InlineData("https://u:hunter2@customer1.agent.example.io")]
    [InlineData("https://u:hunter2@customer1.agent.example.io/x@y")]
    [InlineData("http://u:hunter2@customer1.agent.example.io")]
    [InlineData("u:hunter2@customer1.agent.example.io")]
    [InlineData("https://u:hunter2@<host>")]
    public void The_refusal_does_not_show_it(string address)
    {
        var endpoint = Assert.Throws<ManifestException>(() => MtlsEndpoint.Parse(address)).Message;
        var findings = new Findings();
        AddressStep.Check(new DoctorInput { Url = address }, findings);
        Assert.Null(Site.Parse(address, null, out var why));

        Assert.Contains("***@", endpoint, StringComparison.Ordinal);
        Assert.NotEmpty(findings.Diagnoses);
        Assert.All([endpoint, why, .. findings.Diagnoses.Select(one => one.Cause + one.NextStep + one.Command)], text => Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal));
    }
}
