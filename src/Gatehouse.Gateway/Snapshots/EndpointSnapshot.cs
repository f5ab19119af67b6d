using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Gateway;

/// <summary>One account's mTLS endpoint at one generation, with everything precomputed that a handshake needs. Immutable.</summary>
internal sealed class EndpointSnapshot
{
    private readonly Lazy<(TrustAnchors? Anchors, string? Problem)> _trust;

    public EndpointSnapshot(EndpointTrust trust)
    {
        Trust = trust;
        Rule = new EndpointRule(trust.AccountId, trust.Fqdn!, trust.Mode);
        // Parsed on first use: at 100,000 endpoints most are idle.
        _trust = new(() => Parse(trust.CaCertificates), LazyThreadSafetyMode.PublicationOnly);
    }

    public EndpointTrust Trust { get; }
    public EndpointRule Rule { get; }
    public string AccountId => Trust.AccountId;
    public string Fqdn => Trust.Fqdn!;
    public long Generation => Trust.Generation;

    /// <summary>Ties TLS sessions to this endpoint at this generation: a change of trust ends resumption at once.</summary>
    public ReadOnlyMemory<byte> SessionContext => _sessionContext ??= SessionContextOf(AccountId + "\n" + Fqdn, Generation);

    private byte[]? _sessionContext;

    /// <summary>32 bytes that no other endpoint or generation has.</summary>
    internal static byte[] SessionContextOf(string who, long generation) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{who}\n{generation}")));

    /// <summary>The account's CAs; null when the bundle cannot be used, and then nobody with a certificate gets in (threat A5).</summary>
    public TrustAnchors? Anchors => _trust.Value.Anchors;

    /// <summary>Why <see cref="Anchors"/> is null.</summary>
    public string? TrustProblem => _trust.Value.Problem;

    private static (TrustAnchors?, string?) Parse(string pem)
    {
        try
        {
            return (TrustAnchors.Parse(pem), null);
        }
        catch (CaBundleException e)
        {
            return (null, e.Message);
        }
    }
}
