namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// The client's Certificate message of TLS 1.2, which goes in the clear: hostile DER through libssl's parser into the verify callback.
/// No callback throws, what the gate accepts is what a CA signed, and without the key nobody gets in.
/// </summary>
internal sealed class CertificateMessageTarget : IFuzzTarget
{
    private static readonly byte[] s_hello = ClientHellos.Tls12("customer1.agent.test");
    private readonly HandshakePeer _peer = new();

    public string Name => "certificate-message";

    public bool IsDer => true;

    public int MaxLength => 12 * 1024;

    public IEnumerable<byte[]> Seeds =>
        [FixedChain.Leaf, ClientChainTarget.Join(FixedChain.LeafOfIntermediate, FixedChain.Intermediate), ClientChainTarget.Join(FixedChain.RsaLeaf), ClientChainTarget.Join(FixedChain.Leaf, FixedChain.Ca)];

    public IReadOnlyList<byte[]> Words { get; } = new ClientChainTarget().Words;

    public void Run(ReadOnlySpan<byte> input)
    {
        var chain = ClientChainTarget.Split(input);
        byte[] certificates = [.. chain.SelectMany(der => ClientHellos.Sized(der.Span, 3))];
        byte[] message = [11, .. ClientHellos.Sized(ClientHellos.Sized(certificates, 3), 3)];
        foreach (var (presented, accepted) in _peer.Meet(s_hello, ClientHellos.Record(message)))
            FuzzFindingException.Unless(!accepted || FixedChain.IsSigned(presented.Leaf.Span), "Accepted, though its CA did not sign it");
    }
}
