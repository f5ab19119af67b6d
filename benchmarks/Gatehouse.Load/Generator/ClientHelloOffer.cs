using System.Buffers.Binary;

namespace Gatehouse.Load;

/// <summary>What a ClientHello offers of an earlier session. A server cannot resume what was not offered.</summary>
/// <param name="SessionId">Length of the session id; in TLS 1.2 one that is not empty asks for resumption (RFC 5246 §7.4.1.2). TLS 1.3 sends 32 random bytes for old middle boxes.</param>
/// <param name="Ticket">Length of the ticket (RFC 5077); 0 when empty or absent.</param>
/// <param name="PreSharedKey">True with the extension by which TLS 1.3 resumes (RFC 8446 §4.2.11).</param>
internal readonly record struct ClientHelloOffer(int SessionId, int Ticket, bool PreSharedKey)
{
    private const int SessionTicketExtension = 35;
    private const int PreSharedKeyExtension = 41;

    /// <summary>Reads the record that a client sends first.</summary>
    /// <exception cref="BenchFailedException">It is something else: then nothing is proved.</exception>
    public static ClientHelloOffer Read(ReadOnlySpan<byte> record)
    {
        try
        {
            // Record: type 22, version, length. Handshake: type 1, length. Then version and random.
            if (record[0] != 22 || record[5] != 1)
                throw new BenchFailedException("The first flight of the generator is no ClientHello.");
            var rest = record[(5 + 4 + 2 + 32)..];
            var sessionId = rest[0];
            rest = rest[(1 + sessionId)..];
            rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest))..];
            rest = rest[(1 + rest[0])..];
            var extensions = rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest));
            var (ticket, preSharedKey) = (0, false);
            while (extensions.Length > 0)
            {
                var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
                var length = BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]);
                ticket = type == SessionTicketExtension ? length : ticket;
                preSharedKey |= type == PreSharedKeyExtension;
                extensions = extensions[(4 + length)..];
            }
            return new ClientHelloOffer(sessionId, ticket, preSharedKey);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new BenchFailedException("The ClientHello of the generator cannot be read.", e);
        }
    }
}
