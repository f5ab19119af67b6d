using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using CsCheck;
using Gatehouse.TestIntelligence.SkipLists;
using Gatehouse.Testing;

namespace Gatehouse.TestIntelligence.Tests.SkipLists;

/// <summary>
/// Random histories of runs, held against a reference that keeps every run as plain texts: a test may be skipped when a run of it passed with its own file and all that
/// it reached as they are now, and no such run ended otherwise.
/// </summary>
public sealed class SkipListsAgainstReferenceTests
{
    private static readonly Gen<Run> s_run = Gen.Select(Gen.Int[0, 4], Gen.Int[5, 11].Array[0, 4], Gen.Int[0, 9])
        .Select((test, sources, state) => new Run(test, [.. sources.Distinct()], state < 7 ? "SUCCESS" : state == 7 ? "FAILURE" : state == 8 ? "FLAKY" : "UNKNOWN"));

    // Versions of all files; a few of them differ from build to build.
    private static readonly Gen<Build> s_build = Gen.Select(Gen.Int[0, 1].Array[12], Gen.Bool, s_run.Array[0, 5]).Select((versions, nonCode, runs) => new Build(versions, nonCode, [.. runs.DistinctBy(run => run.Test)]));

    [Fact]
    public void Only_a_test_whose_files_are_those_of_a_run_that_passed_is_skipped() => Gen.Select(s_build.Array[1, 5], Gen.Select(Gen.Int[0, 1].Array[12], Gen.Int[-1, 11]).Array[1, 4]).Fixed().Sample((builds, questions) =>
    {
        var graph = SkipGraph.Empty;
        foreach (var build in builds)
            graph = SkipGraphCodec.Decode(SkipGraphCodec.Encode(SkipMerge.Apply(graph, SkipUpload.Read(new MemoryStream(build.Body())), 100, 0)));
        // What one question has worked out, the next one uses.
        foreach (var (now, missing) in questions)
        {
            var files = Enumerable.Range(0, 12).Where(file => file != missing).ToDictionary(PathOf, file => ChecksumOf(file, now[file]));
            var list = SkipSelector.Select(graph, files);
            Assert.Equal(Expected(builds, now, missing).Order(StringComparer.Ordinal), list.Skip.Keys.Order(StringComparer.Ordinal));
        }
    }, iter: 10_000);

    [Fact]
    public void The_checksum_is_that_of_the_pairs_joined_by_bars()
    {
        var hash = new ChainChecksum();
        hash.Add(ChainChecksum.Part("a/b.go", 1));
        hash.Add(ChainChecksum.Part("c é.go", ulong.MaxValue));
        Assert.Equal(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes("a/b.go:1|c é.go:18446744073709551615")), hash.Take());
        Assert.Equal(0UL, hash.Take());
    }

    private static HashSet<string> Expected(Build[] builds, int[] now, int missing)
    {
        var skip = new HashSet<string>();
        foreach (var test in Enumerable.Range(0, 5).Where(test => test != missing))
        {
            var runs = builds.SelectMany(build => build.Runs.Where(run => run.Test == test).Select(run => (build, run))).ToList();
            // The last word on a run of the very same files counts, and a test that failed when it last ran is not skipped.
            var last = new Dictionary<string, string>();
            foreach (var (build, run) in runs)
                last[Key(build.Versions, run)] = run.State;
            var same = runs.Select(pair => pair.run).Where(run => !run.Sources.Contains(missing)).Select(run => Key(now, run)).Where(last.ContainsKey).Select(key => last[key]).ToList();
            if (same.Count > 0 && same.All(state => state == "SUCCESS") && runs[^1].run.State != "FAILURE")
                skip.Add(PathOf(test));
        }
        // Files 10 and 11 are no code.
        if (missing < 10 && builds.Any(build => build.NonCode && build.Versions[10] == now[10] && build.Versions[11] == now[11]))
            skip.Add(SkipGraph.NonCode);
        else
            skip.Clear();
        return skip;

        static string Key(int[] versions, Run run) => $"{versions[run.Test]};{string.Join(',', run.Sources.Order().Select(file => $"{file}:{versions[file]}"))}";
    }

    private static string PathOf(int file) => file is 3 or 7 ? $"src/\U0001f600{file}.py" : file == 8 ? "src/\uffee8.py" : $"src/{file:00}.py";

    private static ulong ChecksumOf(int file, int version) => (ulong)(file + 1) * 0x9E3779B97F4A7C15 ^ (version == 0 ? 0 : ulong.MaxValue);

    internal sealed record Run(int Test, int[] Sources, string State);

    internal sealed record Build(int[] Versions, bool NonCode, Run[] Runs)
    {
        /// <summary>As a client makes it: paths in the order of their bytes, checksums as decimal texts.</summary>
        public byte[] Body()
        {
            var runs = Runs.Select(run => (Path: PathOf(run.Test), Own: ChecksumOf(run.Test, Versions[run.Test]), run.Sources, run.State)).ToList();
            if (NonCode)
                runs.Add((SkipGraph.NonCode, 0, [10, 11], "SUCCESS"));
            return JsonSerializer.SerializeToUtf8Bytes(new
            {
                identifier = new { _id = new string('0', 24), extraInfo = (object?)null, createdAt = "0001-01-01T00:00:00Z" },
                tests = runs.Select(run => new { path = run.Path, indicativeChains = new[] { new { source_paths = InOrder(run.Sources) } } }),
                chains = runs.Select(run => new
                {
                    path = run.Path,
                    testChecksum = run.Own.ToString(CultureInfo.InvariantCulture),
                    checksum = Checksum(run.Sources).ToString(CultureInfo.InvariantCulture),
                    state = run.State,
                    expireAt = "0001-01-01T00:00:00Z",
                }),
                pathToTestNumMap = new { },
                totalTests = runs.Count,
                previousFailures = Array.Empty<string>(),
            });
        }

        private static string[] InOrder(int[] files) => [.. files.Select(PathOf).OrderBy(path => Convert.ToHexString(Encoding.UTF8.GetBytes(path)), StringComparer.Ordinal)];

        private ulong Checksum(int[] files)
        {
            var byPath = files.ToDictionary(PathOf, file => ChecksumOf(file, Versions[file]));
            return files.Length == 0 ? 0 : XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(string.Join('|', InOrder(files).Select(path => string.Create(CultureInfo.InvariantCulture, $"{path}:{byPath[path]}")))));
        }
    }
}
