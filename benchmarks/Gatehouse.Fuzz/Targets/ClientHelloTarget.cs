namespace Gatehouse.Fuzz.Targets;

/// <summary>The first bytes of a connection, through the real engine and libssl: it ends, no callback throws, and nobody gets in.</summary>
internal sealed class ClientHelloTarget : IFuzzTarget
{
    private readonly HandshakePeer _peer = new();

    public string Name => "client-hello";

    public int MaxLength => 4096;

    public IEnumerable<byte[]> Seeds =>
    [
        ClientHellos.Tls12("customer1.agent.test"), ClientHellos.Tls13("customer1.agent.test", withKeyShare: true),
        [.. ClientHellos.Tls13("customer1.agent.test", withKeyShare: false), .. ClientHellos.Tls13("shared.test", withKeyShare: true)],
        ClientHellos.Tls12("unknown.test"), [.. "GET / HTTP/1.1\r\n\r\n"u8],
    ];

    public IReadOnlyList<byte[]> Words { get; } =
        ["customer1.agent.test"u8.ToArray(), "shared.test"u8.ToArray(), [22, 3, 1], [22, 3, 3], [21, 3, 3, 0, 2, 1, 0], [20, 3, 3, 0, 1, 1], [0, 43, 0, 3, 2, 3, 4], [0, 0], [0, 35, 0, 0], [0, 41], [0xff, 1, 0, 1, 0], [0, 22, 0, 0], [2, (byte)'h', (byte)'2']];

    public void Run(ReadOnlySpan<byte> input)
    {
        // In two pieces: a callback must not mind where a segment ends.
        var half = input.Length / 2;
        _peer.Meet(input[..half].ToArray(), input[half..].ToArray());
    }
}
