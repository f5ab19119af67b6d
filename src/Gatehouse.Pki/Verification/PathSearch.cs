using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// Looks for a path from the leaf to any anchor: depth first, anchors before presented certificates, those whose key identifier fits
/// before the others (a hint, never a proof). Each signature is checked once at most, and work is bounded. Used by one thread, once.
/// </summary>
/// <param name="presented">The leaf first, then the others without duplicates and without anchors.</param>
/// <param name="anchors">Where a path may end.</param>
/// <param name="revocation">CRLs and the deny list.</param>
/// <param name="now">The time to judge by.</param>
/// <param name="limits">How much work is allowed.</param>
/// <param name="known">Signatures that need not be checked again.</param>
internal sealed class PathSearch(
    ParsedCertificate[] presented, TrustAnchors anchors, RevocationCheck revocation, DateTimeOffset now, SearchLimits limits, KnownSignatures? known = null)
{
    private readonly ParsedCertificate[] _path = new ParsedCertificate[limits.MaxPathLength];

    // [child, issuer]: 0 not yet checked, 1 signed by it, -1 not. Anchors come after the presented ones.
    private readonly sbyte[,] _edges = new sbyte[presented.Length, presented.Length + anchors.Parsed.Length];
    private int _checks;
    private int _steps;
    private int _topDepth;

    /// <summary>The nearest failure of a path that reached an anchor, or of one that could not be followed; null when there was none.</summary>
    public Failure? Best { get; private set; }

    /// <summary>Last certificate of the longest chain of right signatures.</summary>
    public ParsedCertificate Top { get; private set; } = presented[0];

    /// <summary>An anchor that has the name but not the key of somebody's issuer.</summary>
    public (ParsedCertificate Child, ParsedCertificate Anchor)? OtherKey { get; private set; }

    /// <summary>A presented certificate whose issuer's name, but not its key, was sent along.</summary>
    public ParsedCertificate? PresentedOtherKey { get; private set; }

    /// <summary>The accepted path from leaf to anchor; null when there is none.</summary>
    public ParsedCertificate[]? Find()
    {
        _path[0] = presented[0];
        int length = Extend(child: 0, depth: 1);
        return length > 0 ? _path[..length] : null;
    }

    /// <summary>Tries to complete the path, of which <paramref name="depth"/> certificates are set. Returns its length, or 0.</summary>
    private int Extend(int child, int depth)
    {
        if (depth >= limits.MaxPathLength)
        {
            Fail(CertificateFault.TooLarge, $"The chain is longer than {limits.MaxPathLength} certificates.");
            return 0;
        }

        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < anchors.Parsed.Length; i++)
            {
                ParsedCertificate anchor = anchors.Parsed[i];
                if (!IsCandidate(presented[child], anchor, pass) || !IsSigned(child, presented.Length + i, anchor) || !MayStep())
                    continue;
                _path[depth] = anchor;
                if (PathCheck.Check(_path.AsSpan(0, depth + 1), revocation, now) is not { } failure)
                    return depth + 1;
                Best = Failure.Nearer(Best, failure);
            }
        }

        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 1; i < presented.Length; i++)
            {
                ParsedCertificate issuer = presented[i];
                if (!IsCandidate(presented[child], issuer, pass) || IsOnPath(issuer, depth) || !IsSigned(child, i, issuer) || !MayStep())
                    continue;
                _path[depth] = issuer;
                if (depth > _topDepth)
                    (_topDepth, Top) = (depth, issuer);
                if (Extend(i, depth + 1) is > 0 and int length)
                    return length;
            }
        }

        return 0;
    }

    // Pass 0: the name matches and the key identifiers do not contradict; pass 1: the name matches, the identifiers do contradict.
    private static bool IsCandidate(ParsedCertificate child, ParsedCertificate issuer, int pass)
    {
        if (!child.Issuer.Matches(issuer.Subject))
            return false;
        bool contradicts = child.AuthorityKeyId is { } wanted && issuer.SubjectKeyId is { } offered && !wanted.Span.SequenceEqual(offered.Span);
        return contradicts == (pass == 1);
    }

    // The same name with the same key again leads nowhere new (RFC 4158 §2.4.2), and round in circles.
    private bool IsOnPath(ParsedCertificate issuer, int depth)
    {
        for (int i = 0; i < depth; i++)
        {
            if (_path[i].Key.Der.Span.SequenceEqual(issuer.Key.Der.Span) && _path[i].Subject.Matches(issuer.Subject))
                return true;
        }

        return false;
    }

    private bool MayStep()
    {
        if (_steps++ < limits.MaxSteps)
            return true;
        Fail(CertificateFault.TooLarge, "The certificates sent can be joined in more ways than are tried.");
        return false;
    }

    private bool IsSigned(int child, int issuerIndex, ParsedCertificate issuer)
    {
        ref sbyte edge = ref _edges[child, issuerIndex];
        if (edge == 0)
            edge = CheckSignature(presented[child], issuer, isAnchor: issuerIndex >= presented.Length) ? (sbyte)1 : (sbyte)-1;
        return edge > 0;
    }

    private bool CheckSignature(ParsedCertificate child, ParsedCertificate issuer, bool isAnchor)
    {
        if (child.Scheme.Kind == SignatureKind.Unsupported)
        {
            Fail(CertificateFault.Malformed, $"The certificate \"{Wording.Name(child.Subject)}\" is signed with {child.Scheme.Name}, which is not supported; RSA and ECDSA with SHA-256, SHA-384 or SHA-512 are.");
            return false;
        }

        // Small RSA keys are followed, so that "weak" is said of the right chain only. Others that we may not use would cost too much, or cannot be used.
        if (issuer.Key.Objection is { } objection && issuer.Key.RsaBits is 0 or >= PublicKeyInfo.MinRsaBits)
        {
            Fail(objection.Fault, $"{Wording.Describe(issuer, isAnchor ? PathPlace.Anchor : PathPlace.Intermediate)} has {objection.Text}.");
            return false;
        }

        if (_checks >= limits.MaxSignatureChecks)
        {
            Fail(CertificateFault.TooLarge, $"Judging the certificates sent takes more than {limits.MaxSignatureChecks} signature checks.");
            return false;
        }

        _checks++;
        if (known?.IsSigned(child, issuer.Key) ?? SignatureCheck.Verify(child, issuer))
            return true;
        if (isAnchor)
            OtherKey ??= (child, issuer);
        else
            PresentedOtherKey ??= child;
        return false;
    }

    private void Fail(CertificateFault fault, string message) => Best = Failure.Nearer(Best, new Failure(fault, message, fault == CertificateFault.TooLarge
        ? "Send the client certificate with its own intermediates only, at most 16 of ordinary size, or upload the nearest intermediate CA as the account's CA."
        : "Issue the certificates of the chain with RSA (2048 to 8192 bits) or EC keys on P-256, P-384 or P-521, and SHA-256 or better."));
}
