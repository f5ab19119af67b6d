using System.Runtime.CompilerServices;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>
/// A graph as bytes: every text once, then numbers, ascending lists as differences. 100,000 tests with two million relations take about ten megabytes and some tens of
/// milliseconds to read, which is what lets a selection do without a graph in memory.
/// </summary>
internal static class CallGraphCodec
{
    private const byte Version = 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte[] Encode(CallGraph graph)
    {
        var texts = new Dictionary<string, int>(StringComparer.Ordinal);
        var numbers = new VarintWriter();
        numbers.Write(graph.Units.Count);
        foreach (var unit in graph.Units)
        {
            numbers.Write(NumberOf(unit.File));
            numbers.Write(NumberOf(unit.Package));
            numbers.Write(NumberOf(unit.Class));
        }
        numbers.Write(graph.Tests.Count);
        foreach (var test in graph.Tests)
        {
            numbers.Write(NumberOf(test.Name.Package));
            numbers.Write(NumberOf(test.Name.Class));
            numbers.Write(NumberOf(test.Name.Method));
            numbers.Write(NumberOf(test.Name.Parameters));
            numbers.Write(test.Unit);
            numbers.Write((int)test.Traits);
            numbers.Write(test.Reaches.Length);
            var last = 0;
            foreach (var unit in test.Reaches)
            {
                numbers.Write(unit - last);
                last = unit;
            }
        }

        var all = new VarintWriter();
        all.WriteByte(Version);
        all.Write(texts.Count);
        foreach (var text in texts.Keys)
            all.Write(text);
        all.Append(numbers);
        return all.ToArray();

        int NumberOf(string text)
        {
            if (!texts.TryGetValue(text, out var number))
                texts[text] = number = texts.Count;
            return number;
        }
    }

    /// <exception cref="InvalidDataException">These are not such bytes.</exception>
    public static CallGraph Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new VarintReader(bytes);
        if (reader.ReadByte() != Version)
            throw new InvalidDataException("The stored call graph is of another version.");
        var texts = new string[reader.ReadCount()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadText();
        var units = new CodeUnit[reader.ReadCount()];
        for (var i = 0; i < units.Length; i++)
            units[i] = new CodeUnit(texts[reader.Read()], texts[reader.Read()], texts[reader.Read()]);
        var tests = new GraphTest[reader.ReadCount()];
        for (var i = 0; i < tests.Length; i++)
        {
            var name = new TestName(texts[reader.Read()], texts[reader.Read()], texts[reader.Read()], texts[reader.Read()]);
            var (unit, traits) = (reader.Read(), (TestTraits)reader.Read());
            var reaches = new int[reader.ReadCount()];
            var last = 0;
            for (var j = 0; j < reaches.Length; j++)
                reaches[j] = last += reader.Read();
            tests[i] = new GraphTest(name, unit, traits, reaches);
        }
        return new CallGraph(units, tests);
    }
}
