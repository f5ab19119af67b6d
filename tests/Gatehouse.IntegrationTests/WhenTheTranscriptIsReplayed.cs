using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>Pages that were made by running what they show; here it is run again and compared.</summary>
public sealed class WhenTheTranscriptIsReplayed
{
    [Theory]
    [InlineData("eng/transcript.sh")]
    [InlineData("eng/doctor.sh")]
    [InlineData("eng/onboarding.sh")]
    public async Task It_is_still_true(string script)
    {
        // The root script builds what is missing first.
        var result = await CommandLine.RunAsync("bash", [Path.Combine(SourceTree.Root, script), "--check"], input: "", limit: TimeSpan.FromMinutes(6));
        Assert.True(result.ExitCode == 0, result.All);
    }

    [Fact]
    public async Task And_the_demo_tells_the_whole_story()
    {
        var result = await CommandLine.RunAsync(Path.Combine(SourceTree.Root, "gatehouse"), ["demo"], input: "", limit: TimeSpan.FromMinutes(8));
        Assert.True(result.ExitCode == 0, result.All);
    }
}
