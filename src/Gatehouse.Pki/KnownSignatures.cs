using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>
/// Who signed the certificates of a path that was accepted. Whoever judges the same certificates again, because the trust changed or a CRL came, need not do
/// that arithmetic again: it is most of the work, and an account may have ten thousand connections open, each with a certificate of its own.
/// Immutable, as long as the certificates' bytes are: it holds them, not copies. It is a memory of signatures only: every other rule is applied anew.
/// </summary>
/// <remarks>
/// The same bytes under the same key give the same answer. And a signature that one key made, another did not make. That is not
/// mathematics: a key can be made to measure for a signature that exists. But only the owner of the account can have it trusted, and what follows is that
/// a connection that is open ends; it comes again, and then nothing is remembered of it.
/// </remarks>
public sealed class KnownSignatures
{
    private readonly (ReadOnlyMemory<byte> Certificate, PublicKeyInfo Signer)[] _known;

    private KnownSignatures((ReadOnlyMemory<byte> Certificate, PublicKeyInfo Signer)[] known) => _known = known;

    /// <param name="path">From leaf to anchor, each signed by the next.</param>
    internal static KnownSignatures Of(ReadOnlySpan<ParsedCertificate> path)
    {
        var known = new (ReadOnlyMemory<byte>, PublicKeyInfo)[path.Length - 1];
        for (int i = 0; i < known.Length; i++)
            known[i] = (path[i].Der, path[i + 1].Key);
        return new KnownSignatures(known);
    }

    /// <summary>Whether <paramref name="key"/> signed <paramref name="certificate"/>; null when that is not known and has to be worked out.</summary>
    internal bool? IsSigned(ParsedCertificate certificate, PublicKeyInfo key)
    {
        foreach ((ReadOnlyMemory<byte> der, PublicKeyInfo signer) in _known)
        {
            if (!der.Span.SequenceEqual(certificate.Der.Span))
                continue;
            if (signer.Der.Span.SequenceEqual(key.Der.Span))
                return true;
            return signer.IsOtherKeyThan(key) ? false : null;
        }

        return null;
    }
}
