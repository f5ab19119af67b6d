using System.Buffers.Binary;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// The intermediates that a client had sent, for the inside of its ticket: OpenSSL keeps its own certificate there and nothing else, and without
/// them a resumed client could not be judged again (threat B4). Encrypted and authenticated with the ticket.
/// </summary>
internal static class TicketChain
{
    /// <summary>More than this is not worth its bytes.</summary>
    private const int MaxBytes = 8 * 1024;

    /// <summary>
    /// True when what a client presented is small enough to be kept with its session, here or in a ticket. A client of an account may send 64 KiB
    /// beside its own certificate, and come back for a new session as often as it likes.
    /// </summary>
    public static bool CanBeKept(PresentedChain chain) => chain.Leaf.Length + chain.Intermediates.Sum(der => der.Length) <= MaxBytes;

    /// <summary>Length-prefixed DER, one after the other; null when it is too much for a ticket.</summary>
    public static byte[]? Write(PresentedChain chain)
    {
        if (!CanBeKept(chain))
            return null;
        var output = new byte[1 + chain.Intermediates.Sum(der => 2 + der.Length)];
        output[0] = (byte)(chain.IsEmpty ? 0 : 1);
        var at = 1;
        foreach (var der in chain.Intermediates)
        {
            BinaryPrimitives.WriteUInt16BigEndian(output.AsSpan(at), (ushort)der.Length);
            der.Span.CopyTo(output.AsSpan(at + 2));
            at += 2 + der.Length;
        }
        return output;
    }

    /// <summary>The chain again; null when the two do not fit together.</summary>
    public static PresentedChain? Read(byte[] leaf, ReadOnlySpan<byte> data)
    {
        if (data.Length < 1 || (data[0] == 1) != (leaf.Length > 0))
            return null;
        if (leaf.Length == 0)
            return data.Length == 1 ? PresentedChain.None : null;
        var others = new List<ReadOnlyMemory<byte>>();
        for (data = data[1..]; !data.IsEmpty;)
        {
            if (data.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(data) is var length && data.Length - 2 < length)
                return null;
            others.Add(data.Slice(2, length).ToArray());
            data = data[(2 + length)..];
        }
        return new PresentedChain(leaf, others);
    }
}
