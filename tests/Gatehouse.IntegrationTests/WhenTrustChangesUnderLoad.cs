using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>The soak run (docs/soak.md) for half a minute: clients killed at random, trust that changes every second, an oracle that checks each verdict. Other tests run beside, so that ends may come late.</summary>
public sealed class WhenTrustChangesUnderLoad
{
    [Fact]
    public async Task No_verdict_is_by_outdated_trust_and_nothing_is_left_behind()
    {
        var result = await CommandLine.RunAsync("dotnet", [ProgramFiles.Soak, "--minutes", "0.4", "--delivery", "4"], input: "", limit: TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, result.All);
        Assert.Contains("nothing to object to", result.Output, StringComparison.Ordinal);
    }
}
