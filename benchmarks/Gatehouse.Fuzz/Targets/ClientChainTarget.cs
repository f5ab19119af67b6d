using System.Formats.Asn1;
using Gatehouse.Pki;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// Certificates as a client presents them: one, or several within an ASN.1 SET. Whatever they are: a verdict, from rules and not from a
/// caught exception, and never "accepted" but for the leaf that the CA signed, byte by byte; and the same for whoever remembers other certificates' signatures.
/// </summary>
internal sealed class ClientChainTarget : IFuzzTarget
{
    private readonly TrustAnchors _anchors = TrustAnchors.Parse(FixedChain.CaPem);

    // What an open connection would remember that came with one of the chains that are accepted.
    private readonly KnownSignatures[] _known = [Known(FixedChain.Leaf), Known(FixedChain.LeafOfIntermediate, FixedChain.Intermediate)];

    public string Name => "client-chain";

    public bool IsDer => true;

    public int MaxLength => 8 * 1024;

    public IEnumerable<byte[]> Seeds =>
    [
        [.. FixedChain.Leaf], Join(FixedChain.LeafOfIntermediate, FixedChain.Intermediate), Join(FixedChain.LeafOfIntermediate), Join(FixedChain.Ca, FixedChain.Leaf), Join(FixedChain.RsaLeaf), Join(FixedChain.Leaf, FixedChain.Ca), [],
    ];

    public IReadOnlyList<byte[]> Words { get; } =
    [
        // Object identifiers that are looked at: basic constraints, key usage, name constraints, policies, extended key usage, algorithms.
        [6, 3, 0x55, 0x1d, 19], [6, 3, 0x55, 0x1d, 15], [6, 3, 0x55, 0x1d, 30], [6, 3, 0x55, 0x1d, 32], [6, 3, 0x55, 0x1d, 33], [6, 3, 0x55, 0x1d, 36], [6, 3, 0x55, 0x1d, 37], [6, 3, 0x55, 0x1d, 17], [6, 3, 0x55, 0x1d, 54],
        [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5],
        [1, 1, 0xff], [5, 0], [0x30, 0], [0x30, 0x80], [0, 0], [0x84, 0xff, 0xff, 0xff, 0xff], [0x17, 0x0d, .. "260101000000Z"u8], [0x18, 0x0f, .. "99991231235959Z"u8],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var chain = Split(input);
        var leaf = chain.Count > 0 ? chain[0] : ReadOnlyMemory<byte>.Empty;
        var verdict = ClientChainVerifier.Verify(leaf, chain.Count > 1 ? chain[1..] : [], _anchors, FixedChain.Now);
        FuzzFindingException.Unless(!verdict.Message.Contains("could not be judged", StringComparison.Ordinal), $"An exception was caught: {verdict.Message}");
        FuzzFindingException.Unless(!verdict.Accepted || FixedChain.IsSigned(leaf.Span), "Accepted, though its CA did not sign it");
        FuzzFindingException.Unless(verdict.Accepted == (verdict.Fault is null), "Accepted with a fault, or refused without one");
        FuzzFindingException.Unless(verdict.Message.Length is > 0 and < 4096 && !verdict.Message.Any(char.IsControl), "The message is empty, endless or has control characters");
        foreach (var known in _known)
        {
            var again = ClientChainVerifier.Verify(leaf, chain.Count > 1 ? chain[1..] : [], _anchors, RevocationRules.None, FixedChain.Now, known);
            FuzzFindingException.Unless((again.Accepted, again.Message) == (verdict.Accepted, verdict.Message), $"With signatures remembered the verdict is another: {again.Message}");
        }
        if (CertificateFacts.TryRead(leaf) is { } facts)
            FuzzFindingException.Unless(!facts.Subject.Any(char.IsControl) && facts.Subject.Length <= 2048 && facts.DnsNames.Count <= 16, "The facts are not bounded");
    }

    private static KnownSignatures Known(byte[] leaf, params ReadOnlyMemory<byte>[] others) =>
        ClientChainVerifier.Verify(leaf, others, TrustAnchors.Parse(FixedChain.CaPem), FixedChain.Now).Signatures ?? throw new InvalidOperationException("The fixed chain is not accepted.");

    /// <summary>The certificates of an input; what does not fit into elements is one more.</summary>
    internal static List<ReadOnlyMemory<byte>> Split(ReadOnlySpan<byte> input)
    {
        const byte Set = 0x31;
        if (input.Length == 0 || input[0] != Set || Element(input) is not var (content, end) || end > input.Length)
            return [input.ToArray()];
        var chain = new List<ReadOnlyMemory<byte>>();
        var rest = input[content..end];
        while (rest.Length > 0 && chain.Count < 32)
        {
            var size = Element(rest) is var (_, length) && length <= rest.Length ? length : rest.Length;
            chain.Add(rest[..size].ToArray());
            rest = rest[size..];
        }
        return chain;
    }

    // Where the content of the element at the beginning starts and ends; lengths of up to three bytes.
    private static (int Content, int End)? Element(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || bytes[1] is 0x80 or > 0x83)
            return null;
        if (bytes[1] < 0x80)
            return (2, 2 + bytes[1]);
        var (length, content) = (0, 2 + (bytes[1] & 0x7f));
        if (bytes.Length < content)
            return null;
        foreach (var digit in bytes[2..content])
            length = (length << 8) | digit;
        return (content, content + length);
    }

    internal static byte[] Join(params byte[][] chain)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        // BER: no sorting of the elements, as DER would want it of a SET.
        using (writer.PushSetOf())
        {
            foreach (var der in chain)
                writer.WriteEncodedValue(der);
        }
        return writer.Encode();
    }
}
