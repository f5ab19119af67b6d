using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>A skip list's record as bytes.</summary>
internal static class SkipGraphCodec
{
    private const byte Version = 1;

    public static byte[] Encode(SkipGraph graph)
    {
        var writer = new VarintWriter();
        writer.WriteByte(Version);
        writer.Write(graph.Paths.Count);
        foreach (var path in graph.Paths)
            writer.Write(path);
        writer.Write(graph.Tests.Count);
        foreach (var test in graph.Tests.Values)
        {
            writer.Write(test.Path);
            writer.WriteByte(test.HasFailed ? (byte)1 : (byte)0);
            writer.Write(test.Sets.Count);
            foreach (var set in test.Sets)
            {
                writer.Write(set.Length);
                foreach (var path in set)
                    writer.Write(path);
            }
            writer.Write(test.Chains.Count);
            foreach (var chain in test.Chains)
            {
                writer.WriteFixed(chain.Test);
                writer.WriteFixed(chain.Sources);
                writer.WriteByte((byte)chain.State);
                writer.Write(chain.UpdatedAt);
            }
        }
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">These are not such bytes.</exception>
    public static SkipGraph Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new VarintReader(bytes);
        if (reader.ReadByte() != Version)
            throw new InvalidDataException("The stored skip list is of another version.");
        var paths = new string[reader.ReadCount()];
        for (var i = 0; i < paths.Length; i++)
            paths[i] = reader.ReadText();
        var count = reader.ReadCount();
        var tests = new Dictionary<string, SkipTest>(count, StringComparer.Ordinal);
        for (; count > 0; count--)
        {
            var (path, hasFailed) = (reader.ReadText(), reader.ReadByte() == 1);
            var sets = new int[reader.ReadCount()][];
            for (var i = 0; i < sets.Length; i++)
            {
                sets[i] = new int[reader.ReadCount()];
                for (var j = 0; j < sets[i].Length; j++)
                    sets[i][j] = reader.Read();
            }
            var chains = new RecordedChain[reader.ReadCount()];
            for (var i = 0; i < chains.Length; i++)
                chains[i] = new RecordedChain(reader.ReadFixed(), reader.ReadFixed(), (ChainState)reader.ReadByte(), reader.Read());
            tests[path] = new SkipTest(path, sets, chains, hasFailed);
        }
        return new SkipGraph(paths, tests);
    }
}
