namespace Gatehouse.Tls;

/// <summary>The certificates a client sent, as DER, unjudged.</summary>
/// <param name="Leaf">The client's own certificate; empty when it sent none.</param>
/// <param name="Intermediates">Whatever else it sent, in no particular order.</param>
public sealed record PresentedChain(ReadOnlyMemory<byte> Leaf, IReadOnlyList<ReadOnlyMemory<byte>> Intermediates)
{
    /// <summary>The client sent no certificate.</summary>
    public static PresentedChain None { get; } = new(ReadOnlyMemory<byte>.Empty, []);

    /// <summary>True when the client sent no certificate.</summary>
    public bool IsEmpty => Leaf.IsEmpty;
}
