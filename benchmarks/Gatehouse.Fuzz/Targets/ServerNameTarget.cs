using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Fuzz.Targets;

/// <summary>The body of the ClientHello's server_name extension (RFC 6066 §3): one list with one host name, or nothing.</summary>
internal sealed class ServerNameTarget : IFuzzTarget
{
    public string Name => "server-name";

    public int MaxLength => 400;

    public IEnumerable<byte[]> Seeds => [[0, 4, 0, 0, 1, (byte)'a'], [0, 24, 0, 0, 21, .. "customer1.agent.test"u8, (byte)'.'], [], [0, 8, 0, 0, 1, (byte)'a', 0, 0, 1, (byte)'b'], [0, 3, 0, 0, 0]];

    public IReadOnlyList<byte[]> Words { get; } = [[0, 0], [0, 3], [0xff, 0xff], [0, 0, 1], .. new[] { "customer1.agent.test"u8.ToArray() }];

    public void Run(ReadOnlySpan<byte> input) => FuzzFindingException.UnlessEqual(Read(input), ServerNameExtension.Read(input), "Server name");

    // The grammar, step by step.
    private static string? Read(ReadOnlySpan<byte> body)
    {
        var reader = new Queue<byte>(body.ToArray());
        if (Number(reader) is not { } list || list != reader.Count || reader.Count == 0 || reader.Dequeue() != 0 || Number(reader) is not { } length || length != reader.Count || length == 0)
            return null;
        return string.Concat(reader.Select(b => (char)b));
    }

    private static int? Number(Queue<byte> reader) => reader.Count < 2 ? null : (reader.Dequeue() << 8) | reader.Dequeue();
}
