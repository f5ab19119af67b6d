using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Journal;

/// <summary>First line of a journal file.</summary>
internal sealed record JournalHead(string Account, string Key, DateTimeOffset ExpiresAt, DateTimeOffset OpenedAt);

[JsonSerializable(typeof(JournalHead))]
internal sealed partial class JournalJson : JsonSerializerContext;

/// <summary>
/// A journal file is text: the head as JSON, then lines as they are kept (they begin with <c>{</c>), and before them
/// <c>=</c> with the number of the next one, or with nothing when their writer does not count. <c>@</c> and a number is the newest note of the key's blob
/// (<see cref="StreamLines.EarlierBytes"/>). A line that does not end was being written when the process was killed.
/// </summary>
internal static class JournalFormat
{
    public static byte[] Head(JournalHead head) => [.. JsonSerializer.SerializeToUtf8Bytes(head, JournalJson.Default.JournalHead), (byte)'\n'];

    public static byte[] Number(long? next) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"={next}\n"));

    public static byte[] Blob(long earlierBytes) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"@{earlierBytes}\n"));

    /// <summary>Reads a file; null when not even its head is whole.</summary>
    public static (JournalHead Head, List<(LineBatch Lines, long? FirstLine)> Lines, long? EarlierBytes)? Read(ReadOnlyMemory<byte> file)
    {
        var end = file.Span.IndexOf((byte)'\n');
        JournalHead? head;
        try
        {
            head = end < 0 ? null : JsonSerializer.Deserialize(file.Span[..end], JournalJson.Default.JournalHead);
        }
        catch (JsonException)
        {
            head = null;
        }
        if (head is null)
            return null;

        var lines = new List<(LineBatch, long?)>();
        var rest = file[(end + 1)..];
        var (start, count, at) = (0, 0, 0);
        long? number = null, earlier = null;
        for (int length; (length = rest.Span[at..].IndexOf((byte)'\n') + 1) > 0; at += length)
        {
            if (rest.Span[at] == '{')
            {
                count++;
                continue;
            }
            Add();
            long? given = long.TryParse(rest.Span[(at + 1)..(at + length - 1)], CultureInfo.InvariantCulture, out var next) ? next : null;
            (number, earlier) = rest.Span[at] == '@' ? (null, given) : (given, earlier);
            (start, count) = (at + length, 0);
        }
        Add();
        return (head, lines, earlier);

        void Add()
        {
            if (count > 0 || number is not null)
                lines.Add((new LineBatch(rest[start..at], count), number));
        }
    }
}
