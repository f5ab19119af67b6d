using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>
/// One account's mTLS endpoint at one generation. Immutable to its users. Of 100,000 most are idle, so it holds the bare trust; what a
/// handshake needs is read from it on first use and let go again when others are used more.
/// </summary>
internal sealed class EndpointSnapshot(EndpointTrust trust, HotEndpoints? hot = null)
{
    private EndpointRule? _rule;
    private HotEndpoint? _hot;

    public EndpointTrust Trust { get; } = trust;

    // Two threads may make it at once; both make the same.
    public EndpointRule Rule => _rule ??= new EndpointRule(Trust.AccountId, Trust.Fqdn!, Trust.Mode);

    public string AccountId => Trust.AccountId;
    public string Fqdn => Trust.Fqdn!;
    public long Generation => Trust.Generation;

    /// <summary>Ties TLS sessions to this endpoint at this generation: a change of trust ends resumption at once.</summary>
    public ReadOnlyMemory<byte> SessionContext => Hot().SessionContext;

    /// <summary>32 bytes that no other endpoint or generation has.</summary>
    internal static byte[] SessionContextOf(string who, long generation) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{who}\n{generation}")));

    /// <summary>The account's CAs; null when the bundle cannot be used, and then nobody with a certificate gets in (threat A5).</summary>
    public Pki.TrustAnchors? Anchors => Hot().Anchors;

    /// <summary>Why <see cref="Anchors"/> is null.</summary>
    public string? TrustProblem => Hot().Problem;

    /// <summary>What the account has revoked; null when it cannot be read, and then nobody with a certificate gets in either.</summary>
    public Pki.RevocationRules? Revocation => Hot().Revocation;

    /// <summary>Why <see cref="Revocation"/> is null.</summary>
    public string? RevocationProblem => Hot().RevocationProblem;

    /// <summary>Chains that were accepted at this generation.</summary>
    public VerdictCache Verdicts => Hot().Verdicts;

    /// <summary>True when both differ in the mode at most: what one accepted of a certificate, the other does. Bundles are the same when they are the same memory.</summary>
    public bool TrustsAs(EndpointSnapshot? other) =>
        other is not null && (ReferenceEquals(this, other) || Trust with { Generation = 0, Mode = null } == (other.Trust with { Generation = 0, Mode = null }));

    /// <summary>Back to the bare trust.</summary>
    internal void Cool(HotEndpoint evicted) => Interlocked.CompareExchange(ref _hot, null, evicted);

    /// <summary>Another generation is in force. Who still looks at this one parses it anew.</summary>
    internal void Retire()
    {
        if (Volatile.Read(ref _hot) is { } known)
            hot?.Remove(known);
    }

    private HotEndpoint Hot()
    {
        if (Volatile.Read(ref _hot) is { } known)
        {
            known.Touch();
            return known;
        }
        var made = new HotEndpoint(this, hot);
        if (Interlocked.CompareExchange(ref _hot, made, null) is { } other)
            return other;
        hot?.Admit(made);
        return made;
    }
}
