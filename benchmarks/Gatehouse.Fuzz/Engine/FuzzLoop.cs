using System.Diagnostics;
using Gatehouse.Fuzz.Targets;

namespace Gatehouse.Fuzz.Engine;

/// <summary>What a run came to.</summary>
internal sealed record FuzzResult(string Target, long Executions, TimeSpan Time, int Edges, IReadOnlyList<byte[]> Corpus, IReadOnlyList<Finding> Findings);

/// <summary>The loop: take a kept input, change it, run it, keep it when it does something new.</summary>
internal sealed class FuzzLoop : IDisposable
{
    private const int MaxFindings = 20;
    private readonly Coverage _coverage = new();
    private readonly IFuzzTarget _target;
    private readonly HangWatch _watch;
    private readonly Random _random;
    private readonly List<byte[]> _kept = [];
    private readonly Dictionary<string, Finding> _findings = new(StringComparer.Ordinal);
    private long _executions;

    /// <summary>The coverage map comes first: instrumented code runs as soon as the target is made.</summary>
    public FuzzLoop(Func<IFuzzTarget> make, int seed)
    {
        _target = make();
        _watch = new HangWatch(_target.Name);
        _random = new Random(seed);
    }

    public FuzzResult Run(IEnumerable<byte[]> known, TimeSpan duration, Action<string> say)
    {
        var clock = Stopwatch.StartNew();
        foreach (var input in _target.Seeds.Concat(known))
            Try(input, keepAlways: _kept.Count == 0);
        var mutator = new Mutator(_random, _target.Words, _target.MaxLength, _target.IsDer);
        var said = clock.Elapsed;
        while (clock.Elapsed < duration && _findings.Count < MaxFindings)
        {
            for (var i = 0; i < 256; i++)
                Try(mutator.Mutate(Pick(), _kept[_random.Next(_kept.Count)]), keepAlways: false);
            if (clock.Elapsed - said < TimeSpan.FromSeconds(15))
                continue;
            said = clock.Elapsed;
            say($"{_target.Name}: {_executions} executions ({_executions / clock.Elapsed.TotalSeconds:0}/s), {_coverage.Edges} edges, {_kept.Count} inputs, {_findings.Count} findings");
        }
        var took = clock.Elapsed;
        return new FuzzResult(_target.Name, _executions, took, _coverage.Edges, Minimize(), [.. _findings.Values]);
    }

    // One in three from the newest: that is where something just began to happen.
    private byte[] Pick() => _random.Next(3) == 0 ? _kept[^(_random.Next(Math.Min(_kept.Count, 16)) + 1)] : _kept[_random.Next(_kept.Count)];

    private void Try(byte[] input, bool keepAlways)
    {
        if (Execute(input) is { } fault)
        {
            var finding = new Finding(input, fault);
            if (!_findings.TryGetValue(finding.Key, out var known) || known.Input.Length > input.Length)
                _findings[finding.Key] = finding;
            return;
        }
        if (_coverage.TakeNew() || keepAlways)
            _kept.Add(input);
    }

    private Exception? Execute(byte[] input)
    {
        _watch.Begin(input);
        _coverage.Clear();
        _executions++;
        try
        {
            _target.Run(input);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Few and short inputs that take every edge the kept ones take: shortest first, those that add one. How often is left out: the corpus stays small, and the loop finds it again.</summary>
    private List<byte[]> Minimize()
    {
        var done = new HashSet<int>();
        var fewest = new List<byte[]>();
        foreach (var input in _kept.OrderBy(i => i.Length))
        {
            if (Execute(input) is null && _coverage.Taken() is var taken && !taken.TrueForAll(done.Contains))
            {
                fewest.Add(input);
                done.UnionWith(taken);
            }
        }
        return fewest;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _coverage.Dispose();
    }
}
