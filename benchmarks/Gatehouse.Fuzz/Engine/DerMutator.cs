namespace Gatehouse.Fuzz.Engine;

/// <summary>
/// Changes DER by its elements and puts the lengths around a change right, so that a change deep inside is not lost to the first length
/// that does not fit.
/// </summary>
internal static class DerMutator
{
    private const int MaxElements = 512;

    /// <summary>A changed copy; null when there is no DER in it.</summary>
    public static byte[]? Mutate(List<byte> bytes, Random random)
    {
        byte[] input = [.. bytes];
        var elements = new List<Element>();
        Collect(input, 0, input.Length, -1, elements);
        if (elements.Count == 0)
            return null;
        var index = random.Next(elements.Count);
        var chosen = elements[index];
        var whole = input.AsSpan(chosen.Start, chosen.End - chosen.Start).ToArray();
        var other = elements[random.Next(elements.Count)];
        var content = input.AsSpan(chosen.Content, chosen.End - chosen.Content).ToArray();
        byte[] replacement = random.Next(7) switch
        {
            0 => [],
            1 => [.. whole, .. whole],
            2 => input.AsSpan(other.Start, other.End - other.Start).ToArray(),
            3 => [.. whole, .. input.AsSpan(other.Start, other.End - other.Start)],
            4 => [(byte)random.Next(256), .. whole[1..]],
            5 => Write(whole[0], content.Length == 0 ? [(byte)random.Next(256)] : content[..random.Next(content.Length)]),
            _ => Write(whole[0], Spoil(content, random)),
        };
        return Replace(input, elements, index, replacement);
    }

    private static byte[] Spoil(byte[] content, Random random)
    {
        if (content.Length > 0)
            content[random.Next(content.Length)] = (byte)random.Next(256);
        return content;
    }

    // From the inside out: each element around the change gets its new content and its new length.
    private static byte[] Replace(byte[] input, List<Element> elements, int index, byte[] replacement)
    {
        while (true)
        {
            var (start, end, parent) = (elements[index].Start, elements[index].End, elements[index].Parent);
            if (parent < 0)
                return [.. input[..start], .. replacement, .. input[end..]];
            var around = elements[parent];
            replacement = Write(input[around.Start], [.. input.AsSpan(around.Content, start - around.Content), .. replacement, .. input.AsSpan(end, around.End - end)]);
            index = parent;
        }
    }

    private static byte[] Write(byte tag, byte[] content) => content.Length switch
    {
        < 0x80 => [tag, (byte)content.Length, .. content],
        < 0x100 => [tag, 0x81, (byte)content.Length, .. content],
        < 0x10000 => [tag, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content],
        _ => [tag, 0x83, (byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length, .. content],
    };

    private static void Collect(byte[] input, int from, int to, int parent, List<Element> elements)
    {
        while (from + 2 <= to && elements.Count < MaxElements)
        {
            int length = input[from + 1], content = from + 2;
            if (length > 0x83 || (length == 0x80))
                return;
            if (length > 0x80)
            {
                var count = length - 0x80;
                if (content + count > to)
                    return;
                length = 0;
                for (var i = 0; i < count; i++)
                    length = (length << 8) | input[content++];
            }
            if (content + length > to)
                return;
            elements.Add(new Element(from, content, content + length, parent));
            // Constructed ones, and what is wrapped in OCTET STRING (extensions).
            if ((input[from] & 0x20) != 0 || input[from] == 0x04)
                Collect(input, content, content + length, elements.Count - 1, elements);
            from = content + length;
        }
    }

    private readonly record struct Element(int Start, int Content, int End, int Parent);
}
