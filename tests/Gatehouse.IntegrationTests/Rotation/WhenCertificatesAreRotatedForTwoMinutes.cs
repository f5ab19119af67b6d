namespace Gatehouse.IntegrationTests;

/// <summary>The beginning of <see cref="RotationRun"/>, which goes on beside the other tests.</summary>
public sealed class WhenCertificatesAreRotatedForTwoMinutes(RotationRun run)
{
    [Fact]
    public async Task The_delegate_comes_in_with_the_first_pair() => Assert.Equal(PairFolder.Serial(0), await run.BegunAsync());
}
