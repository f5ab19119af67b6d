using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>
/// Judges what a client presented for an endpoint: at the handshake, and again on every change of trust. The account is the endpoint's;
/// nothing the client says about itself is asked.
/// </summary>
internal static class ConnectionJudge
{
    /// <summary>
    /// The verdict for <paramref name="chain"/> at <paramref name="endpoint"/>. A broken certificate is never downgraded to "no certificate". With
    /// <paramref name="before"/>, the verdict by which the connection is open, what that found out about the chain itself is not worked out again. Never throws.
    /// </summary>
    public static ConnectionVerdict Judge(
        EndpointSnapshot? endpoint, string host, PresentedChain chain, DateTimeOffset now, string? remoteAddress, ConnectionVerdict? before = null)
    {
        if (endpoint is null)
            return ConnectionVerdict.Plain();
        if (chain.IsEmpty)
            return WithoutCertificate(endpoint, host, remoteAddress);
        try
        {
            if (ChainKey.Of(chain) is not { } key)
                return WithCertificate(endpoint, host, chain, now, remoteAddress, before);
            var verdicts = endpoint.Verdicts;
            if (verdicts.Find(key, now) is { } known)
                return before?.Signatures is { } signatures ? known.With(signatures) : known; // Of the same certificates: a connection has one chain.
            var verdict = WithCertificate(endpoint, host, chain, now, remoteAddress, before);
            verdicts.Keep(key, verdict, now);
            return verdict;
        }
        catch (Exception e)
        {
            // Verify answers with a verdict whatever it is given; should it not, the answer is still no.
            return Refuse(endpoint, host, remoteAddress, null, RefusalCode.CertificateMalformed,
                $"The client certificate could not be checked ({e.GetType().Name}).", "Make a new client certificate with the account's CA.");
        }
    }

    private static ConnectionVerdict WithoutCertificate(EndpointSnapshot endpoint, string host, string? remoteAddress) =>
        Admission.Decide(endpoint.Rule, null, endpoint.AccountId).IsAccepted
            ? ConnectionVerdict.Plain()
            : Refuse(endpoint, host, remoteAddress, null, RefusalCode.ClientCertificateRequired,
                $"{endpoint.Fqdn} is in STRICT mode and the client showed no certificate.",
                "Configure the delegate with DELEGATE_CLIENT_CERTIFICATE_PATH and DELEGATE_CLIENT_CERTIFICATE_KEY_PATH.");

    private static ConnectionVerdict WithCertificate(
        EndpointSnapshot endpoint, string host, PresentedChain chain, DateTimeOffset now, string? remoteAddress, ConnectionVerdict? before)
    {
        if (endpoint.Anchors is not { } anchors)
        {
            return Refuse(endpoint, host, remoteAddress, Describe(CertificateFacts.TryRead(chain.Leaf)), RefusalCode.TrustUnusable,
                $"The CA bundle of {endpoint.Fqdn} cannot be used: {endpoint.TrustProblem}", "The account owner must upload a valid CA bundle (gatehouse mtls ca set).");
        }

        if (endpoint.Revocation is not { } revocation)
        {
            return Refuse(endpoint, host, remoteAddress, Describe(CertificateFacts.TryRead(chain.Leaf)), RefusalCode.TrustUnusable,
                $"What is revoked at {endpoint.Fqdn} cannot be told, so no certificate is accepted. {endpoint.RevocationProblem}",
                "The account owner must remove what cannot be read (gatehouse mtls crl list, gatehouse mtls deny list) and upload it again.");
        }

        var verdict = ClientChainVerifier.Verify(chain.Leaf, chain.Intermediates, anchors, revocation, now, before?.Signatures);
        var certificate = before?.Certificate ?? Describe(verdict.Leaf);
        return verdict.Accepted && certificate is not null
            ? ConnectionVerdict.Mtls(endpoint.Fqdn, certificate, verdict.ValidUntil, verdict.Signatures)
            : Refuse(endpoint, host, remoteAddress, certificate, CodeOf(verdict.Fault), verdict.Message, verdict.NextStep ?? "");
    }

    /// <summary>The refusal code of a certificate fault; no fault on a refusal is read as malformed.</summary>
    internal static RefusalCode CodeOf(CertificateFault? fault) => fault switch
    {
        CertificateFault.UnknownCa => RefusalCode.CertificateUnknownCa,
        CertificateFault.Expired => RefusalCode.CertificateExpired,
        CertificateFault.NotYetValid => RefusalCode.CertificateNotYetValid,
        CertificateFault.Purpose => RefusalCode.CertificatePurpose,
        CertificateFault.Revoked => RefusalCode.CertificateRevoked,
        CertificateFault.Denied => RefusalCode.CertificateDenied,
        CertificateFault.ChainIncomplete => RefusalCode.CertificateChainIncomplete,
        CertificateFault.IssuerNotCa => RefusalCode.CertificateIssuerNotCa,
        CertificateFault.Weak => RefusalCode.CertificateWeak,
        CertificateFault.TooLarge => RefusalCode.CertificateTooLarge,
        CertificateFault.TrustUnusable => RefusalCode.TrustUnusable,
        CertificateFault.CrlStale => RefusalCode.CrlStale,
        _ => RefusalCode.CertificateMalformed,
    };

    private static PresentedCertificate? Describe(CertificateFacts? facts) =>
        facts is null ? null : new(facts.Subject, facts.Issuer, facts.SerialNumber, facts.Sha256, facts.NotBefore, facts.NotAfter);

    private static ConnectionVerdict Refuse(
        EndpointSnapshot endpoint, string host, string? remoteAddress, PresentedCertificate? certificate, RefusalCode code, string message, string nextStep) =>
        ConnectionVerdict.Refused(new Refusal(code, message, nextStep, endpoint.AccountId, host, remoteAddress, certificate));
}
