using System.Buffers.Binary;

namespace Gatehouse.Fuzz.Engine;

/// <summary>Changes inputs as AFL's "havoc" does: several small changes on top of each other, words of the target, pieces of other inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int maxLength, bool isDer)
{
    private static readonly int[] s_interesting = [0, 1, 2, 7, 8, 9, 16, 31, 32, 63, 64, 100, 126, 127, 128, 129, 255, 256, 512, 1023, 1024, 4095, 4096, 16383, 16384, 16385, 32767, 32768, 65535, int.MaxValue, -1];

    /// <summary>A changed copy of <paramref name="input"/>.</summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var i = 1 << random.Next(5); i > 0; i--)
        {
            if (isDer && random.Next(3) == 0 && DerMutator.Mutate(bytes, random) is { } changed)
                bytes = [.. changed];
            else
                Change(bytes, other);
        }
        if (bytes.Count > maxLength)
            bytes.RemoveRange(maxLength, bytes.Count - maxLength);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }
        var at = random.Next(bytes.Count);
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] += (byte)random.Next(-8, 9);
                break;
            case 3:
                bytes[at] = (byte)s_interesting[random.Next(s_interesting.Length)];
                break;
            case 4:
                WriteNumber(bytes, at);
                break;
            case 5:
                bytes.RemoveRange(at, Length(bytes.Count - at));
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(at, Length(bytes.Count - at)));
                break;
            case 7:
                bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), Length(64)));
                break;
            case 8 or 9 when words.Count > 0:
                Place(bytes, at, words[random.Next(words.Count)]);
                break;
            case 10 when other.Length > 0:
                var from = random.Next(other.Length);
                Place(bytes, at, other.AsSpan(from, Length(other.Length - from)).ToArray());
                break;
            default:
                var to = random.Next(bytes.Count);
                (bytes[at], bytes[to]) = (bytes[to], bytes[at]);
                break;
        }
    }

    private void Place(List<byte> bytes, int at, byte[] piece)
    {
        if (random.Next(2) == 0)
            bytes.RemoveRange(at, Math.Min(piece.Length, bytes.Count - at));
        bytes.InsertRange(at, piece);
    }

    private void WriteNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, s_interesting[random.Next(s_interesting.Length)]);
        // The last two, three or four bytes: lengths are that wide.
        number = number[random.Next(3)..];
        for (var i = 0; i < number.Length && at + i < bytes.Count; i++)
            bytes[at + i] = number[i];
    }

    // Mostly short.
    private int Length(int most) => most <= 0 ? 0 : random.Next(4) == 0 ? random.Next(most) + 1 : random.Next(Math.Min(most, 8)) + 1;
}
