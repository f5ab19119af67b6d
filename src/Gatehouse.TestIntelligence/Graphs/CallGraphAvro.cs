using System.Runtime.CompilerServices;
using Gatehouse.TestIntelligence.Protocol;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>
/// A call graph as runners upload it: one Avro record of three arrays, without a container (log and TI sheet §7). Version 1.1 ends each node with
/// <c>hasFailed</c>; the address may say 1.1 while the body is of the older form, so the body decides. What runs a million times for one upload is compiled well at once:
/// a server that has just started would spend its first upload in code that is not optimised yet.
/// </summary>
internal static class CallGraphAvro
{
    /// <summary>A node takes a byte for each of its fields at least.</summary>
    private const int LeastNode = 10;

    /// <summary>Reads a graph of either form.</summary>
    /// <exception cref="InvalidDataException">It is of neither.</exception>
    public static GraphUpload Read(ReadOnlySpan<byte> avro, bool newerFirst, bool someFailed)
    {
        try
        {
            return ReadForm(avro, newerFirst, someFailed);
        }
        catch (InvalidDataException first)
        {
            try
            {
                return ReadForm(avro, !newerFirst, someFailed);
            }
            catch (InvalidDataException)
            {
                throw first;
            }
        }
    }

    private static GraphUpload ReadForm(ReadOnlySpan<byte> avro, bool withFailed, bool someFailed)
    {
        var reader = new AvroReader(avro);
        var nodes = new Nodes();
        while (reader.ReadBlock(LeastNode) is > 0 and var count)
        {
            if ((nodes.Count += count) > TiLimits.MaxNodes)
                throw TooMuch($"{TiLimits.MaxNodes} methods");
            for (; count > 0; count--)
                ReadNode(ref reader, withFailed, nodes);
        }
        ReadRelations(ref reader, nodes);
        SkipRelations(ref reader);
        if (!reader.IsAtEnd)
            throw new InvalidDataException("The call graph goes on after its end.");
        return new GraphUpload(
            nodes.Units.All,
            [.. nodes.Tests.Values.Select(test => new UploadedTest(test.Name, test.Unit, test.AlwaysRun, withFailed ? test.Failed : null, test.Reaches))],
            someFailed || (withFailed && nodes.Tests.Values.Any(test => test.Failed)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadNode(ref AvroReader reader, bool withFailed, Nodes nodes)
    {
        var method = reader.ReadString();
        var package = nodes.One(reader.ReadString());
        var id = reader.ReadInt();
        reader.ReadInt(); // classId: says no more than package and class.
        var parameters = nodes.One(reader.ReadString());
        var className = nodes.One(reader.ReadString());
        var type = reader.ReadString();
        reader.ReadBoolean(); // callsReflection: calls are recorded as they happen, these too.
        var alwaysRun = reader.ReadBoolean();
        var file = nodes.One(reader.ReadString().Replace('\\', '/'));
        var failed = withFailed && reader.ReadBoolean();
        if (nodes.Units.All.Count > TiLimits.MaxUnits || nodes.Tests.Count > TiLimits.MaxTests)
            throw TooMuch($"{TiLimits.MaxUnits} files, or {TiLimits.MaxTests} tests");
        var unit = nodes.Units.NumberOf(new CodeUnit(file, package, nodes.One(CallGraph.Outermost(className))));
        nodes.UnitOf[id] = unit;
        if (!type.Equals("test", StringComparison.OrdinalIgnoreCase))
            return;
        var name = new TestName(package, className, method, parameters);
        if (!nodes.Tests.TryGetValue(name, out var test))
            nodes.Tests[name] = test = new TestNode(name, unit);
        test.AlwaysRun |= alwaysRun;
        test.Failed |= failed;
        nodes.TestOf[id] = test;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadRelations(ref AvroReader reader, Nodes nodes)
    {
        while (reader.ReadBlock(leastBytes: 2) is > 0 and var count)
        {
            for (; count > 0; count--)
            {
                var source = reader.ReadInt();
                var isKnown = nodes.UnitOf.TryGetValue(source, out var unit);
                while (reader.ReadBlock(leastBytes: 1) is > 0 and var items)
                {
                    for (; items > 0; items--)
                        Relate(nodes, reader.ReadInt(), isKnown ? unit : null);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Relate(Nodes nodes, int id, int? unit)
    {
        if (!nodes.TestOf.TryGetValue(id, out var test))
            throw new InvalidDataException($"The call graph says that test {id} reaches something, and has no such test.");
        // What it reaches there cannot be told from its changes: the test is run always.
        if (unit is not { } known)
            test.AlwaysRun = true;
        // Many methods of one class come in a row: once is enough.
        else if (test.Reaches.Count == 0 || test.Reaches[^1] != known)
        {
            if (++nodes.Relations > TiLimits.MaxRelations)
                throw TooMuch($"{TiLimits.MaxRelations} relations");
            test.Reaches.Add(known);
        }
    }

    /// <summary>The calls between methods, which are for drawing.</summary>
    private static void SkipRelations(ref AvroReader reader)
    {
        while (reader.ReadBlock(leastBytes: 2) is > 0 and var count)
        {
            for (; count > 0; count--)
            {
                reader.ReadInt();
                while (reader.ReadBlock(leastBytes: 1) is > 0 and var items)
                {
                    for (; items > 0; items--)
                        reader.ReadInt();
                }
            }
        }
    }

    private static InputException TooMuch(string what) => new($"The call graph holds more than {what}, which is the limit here.", 413);

    /// <summary>What has been read, by the numbers that the upload uses.</summary>
    private sealed class Nodes
    {
        private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

        public int Count { get; set; }

        public long Relations { get; set; }

        public UnitNumbers Units { get; } = new();

        public Dictionary<int, int> UnitOf { get; } = [];

        public Dictionary<int, TestNode> TestOf { get; } = [];

        public Dictionary<TestName, TestNode> Tests { get; } = [];

        /// <summary>One string for equal ones.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public string One(string text)
        {
            if (_texts.TryGetValue(text, out var known))
                return known;
            _texts.Add(text);
            return text;
        }
    }

    private sealed class TestNode(TestName name, int unit)
    {
        public TestName Name { get; } = name;

        public int Unit { get; } = unit;

        public bool AlwaysRun { get; set; }

        public bool Failed { get; set; }

        public List<int> Reaches { get; } = [];
    }
}
