using System.Globalization;
using Gatehouse.Fuzz.Engine;
using Gatehouse.Fuzz.Targets;

namespace Gatehouse.Fuzz;

/// <summary>The command: each target for its time, a table at the end, and exit code 1 when there is a finding.</summary>
internal static class FuzzCommand
{
    private const int Failed = 1, WrongUse = 2;

    public static int Run(TimeSpan time, IReadOnlyCollection<string> names, int seed, string repository, bool keep)
    {
        if (names.FirstOrDefault(name => !AllTargets.Makers.ContainsKey(name)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no target '{unknown}'. There are: {string.Join(", ", AllTargets.Makers.Keys)}.");
            return WrongUse;
        }
        var findings = 0;
        Console.WriteLine("| target | executions | a second | edges | inputs kept | findings |\n| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, make) in AllTargets.Makers.Where(maker => names.Count == 0 || names.Contains(maker.Key)))
        {
            using var loop = new FuzzLoop(make, seed);
            var path = Corpus.PathOf(repository, name);
            var result = loop.Run(Corpus.Read(path), time, Console.Error.WriteLine);
            if (result.Edges == 0)
            {
                Console.Error.WriteLine($"{name}: no edges: the assemblies are not instrumented. ./bench fuzz does that.");
                return Failed;
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {result.Executions:N0} | {result.Executions / result.Time.TotalSeconds:N0} | {result.Edges} | {result.Corpus.Count} ({result.Corpus.Sum(i => (long)i.Length) / 1024.0:0.#} KiB) | {result.Findings.Count} |"));
            foreach (var finding in result.Findings)
                Console.Error.WriteLine($"{name}: {finding}");
            findings += result.Findings.Count;
            if (keep)
                Corpus.Write(path, result.Corpus);
        }
        return findings == 0 ? 0 : Failed;
    }
}
