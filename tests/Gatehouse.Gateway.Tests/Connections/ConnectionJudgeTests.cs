using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Gateway.Tests.Connections;

public sealed class ConnectionJudgeTests
{
    [Fact]
    public void Every_certificate_fault_has_a_refusal_code_of_its_own()
    {
        var codes = Enum.GetValues<CertificateFault>().Select(fault => ConnectionJudge.CodeOf(fault)).ToList();
        Assert.Equal(codes.Count, codes.Distinct().Count());
        foreach (var fault in Enum.GetValues<CertificateFault>())
            Assert.EndsWith(fault.ToString(), ConnectionJudge.CodeOf(fault).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_without_a_fault_is_malformed() => Assert.Equal(RefusalCode.CertificateMalformed, ConnectionJudge.CodeOf(null));
}
