using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <summary>
/// RFC 5280 path validation for TLS client certificates. Ours because the platform's takes no intermediate for an anchor, does not get
/// past two CAs of one name, and downloads. No network, no system trust store.
/// </summary>
/// <remarks>
/// Decisions. A certificate that is itself one of the account's CAs is refused as a client certificate (<see cref="CertificateFault.Purpose"/>):
/// a CA's key has no business on a delegate. Another CA certificate below an anchor is accepted when its usages allow it, as OpenSSL does.
/// Extended key usage: absent passes, present must name clientAuth; anyExtendedKeyUsage does not stand for it, as in OpenSSL's purpose sslclient.
/// Certificate policies are processed with the initial set "any policy".
/// The deny list comes before every other rule but size and form, and counts for each certificate of the path. CRLs count for each certificate below
/// the anchor whose issuer has one; a CA without one does not stop anybody (<see cref="RevocationRules"/>).
/// Limits: 16 certificates sent, 16 KiB each, 64 KiB together, 8 in a path, 64 signature checks.
/// </remarks>
public static class ClientChainVerifier
{
    /// <summary>Judges a client's certificate as if nothing were revoked.</summary>
    /// <inheritdoc cref="Verify(ReadOnlyMemory{byte}, IReadOnlyList{ReadOnlyMemory{byte}}, TrustAnchors, RevocationRules, DateTimeOffset, KnownSignatures?)"/>
    public static Verdict Verify(
        ReadOnlyMemory<byte> leafDer, IReadOnlyList<ReadOnlyMemory<byte>> intermediates, TrustAnchors anchors, DateTimeOffset now) =>
        Verify(leafDer, intermediates, anchors, RevocationRules.None, now);

    /// <summary>Judges a client's certificate. Never throws for anything a peer sends; a pure function of its arguments.</summary>
    /// <param name="leafDer">The certificate the client proved to hold. Its bytes must stay as they are: the verdict is written from them when it is read.</param>
    /// <param name="intermediates">What else it sent, in any order; duplicates, roots and strangers among them do no harm. Their bytes, too, must stay as they
    /// are while <see cref="Verdict.Signatures"/> is used: what is remembered of them would be believed of what stands there then.</param>
    /// <param name="anchors">What is trusted.</param>
    /// <param name="revocation">What is revoked.</param>
    /// <param name="now">The time to judge by.</param>
    /// <param name="known">Of an earlier <see cref="Verdict"/> on the same certificates, by any trust: signatures that are not worked out again. What it says
    /// of other certificates is not asked.</param>
    public static Verdict Verify(
        ReadOnlyMemory<byte> leafDer, IReadOnlyList<ReadOnlyMemory<byte>> intermediates, TrustAnchors anchors, RevocationRules revocation, DateTimeOffset now,
        KnownSignatures? known = null) =>
        Verify(leafDer, intermediates, anchors, revocation, now, SearchLimits.Default, known);

    internal static Verdict Verify(
        ReadOnlyMemory<byte> leafDer, IReadOnlyList<ReadOnlyMemory<byte>> intermediates, TrustAnchors anchors, RevocationRules revocation, DateTimeOffset now,
        SearchLimits limits, KnownSignatures? known = null)
    {
        ParsedCertificate? leaf = null;
        try
        {
            if (CheckSizes(leafDer, intermediates, limits) is { } tooLarge)
                return Refuse(tooLarge, null);
            leaf = ParsedCertificate.TryParse(leafDer, out string why);
            if (leaf is null)
                return Refuse(new Failure(CertificateFault.Malformed, $"The client certificate {why}.", "Issue the client certificate again and install it on the delegate."), null);
            return Judge(leaf, intermediates, anchors, revocation, now, limits, known);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing known throws. Should something do, the connection is refused and the gateway lives.
            return Refuse(new Failure(CertificateFault.Malformed, "The certificates sent could not be judged (" + e.GetType().Name + ").", "Issue the client certificate again and install it on the delegate."), leaf);
        }
    }

    private static Verdict Judge(
        ParsedCertificate leaf, IReadOnlyList<ReadOnlyMemory<byte>> intermediates, TrustAnchors anchors,
        RevocationRules rules, DateTimeOffset now, SearchLimits limits, KnownSignatures? known)
    {
        if (rules.DenialOf(leaf) is { } how)
            return Refuse(RevocationWording.Denied(leaf, PathPlace.Leaf, how, now), leaf);
        if (IsAnchor(leaf.Der.Span, anchors))
        {
            return Refuse(new Failure(CertificateFault.Purpose,
                $"The client presented \"{Wording.Name(leaf.Subject)}\", which is the account's CA certificate itself.",
                "Issue a client certificate with this CA, install that on the delegate, and keep the CA's key off it."), leaf);
        }

        ParsedCertificate[] presented = Collect(leaf, intermediates, anchors, out string? unreadable);
        try
        {
            var revocation = new RevocationCheck(rules, presented, anchors, now);
            var search = new PathSearch(presented, anchors, revocation, now, limits, known);
            return search.Find() is { } path ? Accept(path, revocation.UsableUntil) : Refuse(Diagnosis.Explain(search, leaf, anchors, unreadable), leaf);
        }
        finally
        {
            foreach (ParsedCertificate certificate in presented)
                certificate.Release();
        }
    }

    private static Failure? CheckSizes(ReadOnlyMemory<byte> leaf, IReadOnlyList<ReadOnlyMemory<byte>> others, SearchLimits limits)
    {
        const string NextStep = "Send the client certificate with its own intermediates only.";
        if (others.Count + 1 > limits.MaxPresented)
            return new Failure(CertificateFault.TooLarge, $"The client sent {others.Count + 1} certificates; at most {limits.MaxPresented} are allowed.", NextStep);
        long total = leaf.Length;
        int largest = leaf.Length;
        for (int i = 0; i < others.Count; i++)
        {
            total += others[i].Length;
            largest = Math.Max(largest, others[i].Length);
        }

        if (largest > ParsedCertificate.MaxBytes)
            return new Failure(CertificateFault.TooLarge, $"The client sent a certificate of {largest} bytes; at most {ParsedCertificate.MaxBytes} are allowed.", NextStep);
        return total > limits.MaxTotalBytes
            ? new Failure(CertificateFault.TooLarge, $"The client sent certificates of {total} bytes together; at most {limits.MaxTotalBytes} are allowed.", NextStep)
            : null;
    }

    // A presented certificate that is an anchor adds nothing: a path ends there anyway. Unreadable ones are remembered, not fatal.
    private static ParsedCertificate[] Collect(ParsedCertificate leaf, IReadOnlyList<ReadOnlyMemory<byte>> others, TrustAnchors anchors, out string? unreadable)
    {
        unreadable = null;
        if (others.Count == 0)
            return [leaf];
        var presented = new List<ParsedCertificate>(others.Count + 1) { leaf };
        for (int i = 0; i < others.Count; i++)
        {
            ReadOnlyMemory<byte> der = others[i];
            if (IsAnchor(der.Span, anchors) || presented.Exists(known => known.Der.Span.SequenceEqual(der.Span)))
                continue;
            if (ParsedCertificate.TryParse(der, out string why) is { } certificate)
                presented.Add(certificate);
            else
                unreadable ??= $"Certificate {i + 2} of those the client sent {why}.";
        }

        return [.. presented];
    }

    private static bool IsAnchor(ReadOnlySpan<byte> der, TrustAnchors anchors)
    {
        foreach (ParsedCertificate anchor in anchors.Parsed)
        {
            if (anchor.Der.Span.SequenceEqual(der))
                return true;
        }

        return false;
    }

    private static Verdict Accept(ParsedCertificate[] path, DateTimeOffset? crlUntil)
    {
        DateTimeOffset until = crlUntil ?? DateTimeOffset.MaxValue;
        foreach (ParsedCertificate certificate in path)
            until = certificate.NotAfter < until ? certificate.NotAfter : until;
        return new Verdict
        {
            Accepted = true,
            Certificate = path[0],
            AnchorSha256 = path[^1].Sha256,
            ValidUntil = until,
            Signatures = KnownSignatures.Of(path),
        };
    }

    private static Verdict Refuse(Failure failure, ParsedCertificate? leaf) =>
        new() { Fault = failure.Fault, Message = failure.Message, NextStep = failure.NextStep, Certificate = leaf };
}
