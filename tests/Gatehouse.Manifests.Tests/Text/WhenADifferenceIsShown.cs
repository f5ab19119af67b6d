using CsCheck;
using Gatehouse.Manifests.Text;
using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Text;

public sealed class WhenADifferenceIsShown
{
    private static readonly Gen<string> s_text =
        from lines in Gen.Int[0, 6].Array[0, 40]
        from end in Gen.Bool
        select string.Join('\n', lines.Select(line => $"line {line}{(line == 6 ? "\r" : "")}")) + (end && lines.Length > 0 ? "\n" : "");

    [Fact]
    public async Task Patch_makes_the_one_text_of_the_other()
    {
        using var folder = new TemporaryDirectory();
        var pairs = Gen.Select(s_text, s_text).Where(pair => pair.Item1.Length > 0 && pair.Item2.Length > 0 && pair.Item1 != pair.Item2).Array[60].Fixed().Single();
        for (var i = 0; i < pairs.Length; i++)
        {
            File.WriteAllText(folder.File($"{i}.txt"), pairs[i].Item1);
        }

        var differences = string.Concat(pairs.Select((pair, i) => UnifiedDiff.Of($"{i}.txt", pair.Item1, pair.Item2)));
        var result = await CommandLine.RunAsync("patch", ["-p0", "--binary", "--fuzz=0"], differences, folder.Path);
        Assert.True(result.ExitCode == 0, result.All + differences);
        Assert.DoesNotContain("offset", result.All, StringComparison.Ordinal);
        Assert.Equal(pairs.Select(pair => pair.Item2), pairs.Select((_, i) => File.ReadAllText(folder.File($"{i}.txt"))));
    }

    [Fact]
    public async Task A_great_many_differences_take_no_great_memory()
    {
        using var folder = new TemporaryDirectory();
        var before = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"line {i}\n"));
        var after = string.Concat(Enumerable.Range(0, 60_000).Select(i => i % 20 == 0 ? $"changed {i}\nadded {i}\n" : $"line {i}\n"));
        var other = string.Concat(Enumerable.Range(0, 3_000).Select(i => $"other {i}\n"));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var differences = UnifiedDiff.Of("a.txt", before, after) + UnifiedDiff.Of("b.txt", before, other);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 200_000_000);

        File.WriteAllText(folder.File("a.txt"), before);
        File.WriteAllText(folder.File("b.txt"), before);
        var result = await CommandLine.RunAsync("patch", ["-p0", "--fuzz=0"], differences, folder.Path);
        Assert.True(result.ExitCode == 0, result.All);
        Assert.Equal(after, File.ReadAllText(folder.File("a.txt")));
        Assert.Equal(other, File.ReadAllText(folder.File("b.txt")));
    }

    [Fact]
    public void Nothing_is_shown_of_what_is_the_same() => Assert.Equal("", UnifiedDiff.Of("a", "x\ny", "x\ny"));
}
