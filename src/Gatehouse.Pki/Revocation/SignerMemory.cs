using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Revocation;

/// <summary>
/// Remembers for one list which public keys made its signature and which did not. A list serves thousands of handshakes, and its
/// issuer's key is the same each time. Safe for threads: a new array replaces the old one; what a race forgets is worked out again.
/// </summary>
internal sealed class SignerMemory
{
    // The account's CAs at most, in practice; a full memory costs a signature check each time and nothing else.
    private const int Max = TrustAnchors.MaxCertificates;

    private volatile Known[] _known = [];

    /// <summary>True when <paramref name="issuer"/>'s key made the signature of <paramref name="list"/>.</summary>
    public bool IsSignedBy(ParsedRevocationList list, ParsedCertificate issuer)
    {
        Known[] known = _known;
        foreach (Known one in known)
        {
            if (one.Key.AsSpan().SequenceEqual(issuer.Key.Der.Span))
                return one.Signed;
        }

        // Keys that we may not use, and so never do arithmetic with (§ PathSearch), sign nothing.
        bool signed = issuer.Key.Objection is null && SignatureCheck.VerifyHash(list.Scheme, list.TbsHash, list.Signature.Span, issuer);
        if (known.Length < Max)
            _known = [.. known, new Known(issuer.Key.Der.ToArray(), signed)];
        return signed;
    }

    private sealed record Known(byte[] Key, bool Signed);
}
