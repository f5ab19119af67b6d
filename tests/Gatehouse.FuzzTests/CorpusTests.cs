using Gatehouse.Fuzz.Engine;
using Gatehouse.Fuzz.Targets;
using Gatehouse.Testing;

namespace Gatehouse.FuzzTests;

/// <summary>What <c>./bench fuzz --keep</c> found worth keeping, among it whatever broke a promise once: each is held again in every run.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Targets => [.. AllTargets.Makers.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_of_the_corpus_keeps_the_targets_promises(string name)
    {
        var target = AllTargets.Makers[name]();
        Assert.Equal(name, target.Name);
        var kept = Corpus.Read(Corpus.PathOf(SourceTree.Root, name)).ToList();
        Assert.NotEmpty(kept);
        foreach (var input in target.Seeds.Concat(kept))
        {
            if (Record.Exception(() => target.Run(input)) is { } fault)
                Assert.Fail($"{fault.Message} Input in base64: {Convert.ToBase64String(input)}");
        }
    }
}
