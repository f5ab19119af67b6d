using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Gatehouse.Fuzz.Engine;

/// <summary>
/// Which branches of the instrumented assemblies an input takes, and about how often: SharpFuzz's instrumentation counts pairs of
/// places in a map of 64 KiB, as AFL does; counts are read in AFL's eight classes.
/// </summary>
internal sealed unsafe class Coverage : IDisposable
{
    private const int MapSize = 64 * 1024;
    private static readonly byte[] s_class = Classes();
    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapSize);
    private readonly byte[] _seen = new byte[MapSize];

    /// <summary>From here on instrumented code counts here.</summary>
    public Coverage() => Trace.SharedMem = _map;

    /// <summary>Edges seen by any input.</summary>
    public int Edges { get; private set; }

    /// <summary>Before an input.</summary>
    public void Clear()
    {
        NativeMemory.Clear(_map, MapSize);
        Trace.PrevLocation = 0;
    }

    /// <summary>After an input: true when it did something that none did before.</summary>
    public bool TakeNew()
    {
        var news = false;
        var map = new Span<ulong>(_map, MapSize / 8);
        for (var i = 0; i < map.Length; i++)
        {
            if (map[i] == 0)
                continue;
            for (var at = i * 8; at < (i * 8) + 8; at++)
            {
                var bits = (byte)(s_class[_map[at]] & ~_seen[at]);
                if (bits == 0)
                    continue;
                news = true;
                if (_seen[at] == 0)
                    Edges++;
                _seen[at] |= bits;
            }
        }
        return news;
    }

    /// <summary>The edges that the last input took.</summary>
    public List<int> Taken()
    {
        var taken = new List<int>();
        for (var at = 0; at < MapSize; at++)
        {
            if (_map[at] != 0)
                taken.Add(at);
        }
        return taken;
    }

    public void Dispose()
    {
        // Instrumented code of another thread may still write: it keeps a map, only not ours.
        Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(MapSize);
        NativeMemory.Free(_map);
    }

    // 1, 2, 3, 4–7, 8–15, 16–31, 32–127, 128–255: one bit each.
    private static byte[] Classes()
    {
        var classes = new byte[256];
        for (var count = 1; count < 256; count++)
            classes[count] = (byte)(count switch { 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 });
        return classes;
    }
}
