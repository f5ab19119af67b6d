using System.Collections.Frozen;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>
/// What an account has revoked: its CRLs with the policy for old ones, and its deny list. Immutable and safe to share between threads;
/// made when the account's trust changes, used by every verification.
/// </summary>
/// <remarks>
/// A CA of the chain without a CRL is accepted as far as CRLs go: each list speaks for the certificates of its own issuer, and an account
/// that uploads one for its issuing CA has not thereby made a list of the root's mandatory. Who wants all or nothing uses the deny list, or a
/// list for each CA.
/// </remarks>
public sealed class RevocationRules
{
    /// <summary>Most CRLs of one account.</summary>
    public const int MaxLists = 32;

    private readonly FrozenSet<string> _certificates;
    private readonly FrozenSet<string> _keys;
    private readonly FrozenDictionary<string, DistinguishedName[]> _serials;

    private RevocationRules(CertificateRevocationList[] lists, CrlPolicy policy, TimeSpan grace, IReadOnlyList<DenyEntry> denied, bool requireForEveryCa)
    {
        Lists = lists;
        Policy = policy;
        Grace = grace;
        Denied = [.. denied];
        RequireForEveryCa = requireForEveryCa;
        _certificates = denied.Where(entry => entry.Kind == DenyKind.CertificateSha256).Select(entry => entry.Value).ToFrozenSet(StringComparer.Ordinal);
        _keys = denied.Where(entry => entry.Kind == DenyKind.PublicKeySha256).Select(entry => entry.Value).ToFrozenSet(StringComparer.Ordinal);
        _serials = denied.Where(entry => entry.Name is not null).GroupBy(entry => entry.Value)
            .ToFrozenDictionary(group => group.Key, group => group.Select(entry => entry.Name!).ToArray(), StringComparer.Ordinal);
        DeniesAny = Denied.Count > 0;
    }

    /// <summary>Nothing is revoked.</summary>
    public static RevocationRules None { get; } = Create([], CrlPolicy.Strict, TimeSpan.Zero, []);

    /// <summary>What to do with lists past their nextUpdate.</summary>
    public CrlPolicy Policy { get; }

    /// <summary>Time after nextUpdate for <see cref="CrlPolicy.Grace"/>.</summary>
    public TimeSpan Grace { get; }

    /// <summary>The deny list.</summary>
    public IReadOnlyList<DenyEntry> Denied { get; }

    /// <summary>The CRLs.</summary>
    public IReadOnlyList<CertificateRevocationList> Crls => Lists;

    internal CertificateRevocationList[] Lists { get; }

    internal bool DeniesAny { get; }

    /// <summary>
    /// RFC 5280 §6.3 to the letter: without a usable list that covers every reason for each certificate of the path, the path is refused, and so it is where
    /// delta CRLs exist. Not the product's rule, see the remarks; the NIST suite asks for it.
    /// </summary>
    internal bool RequireForEveryCa { get; }

    /// <summary>Makes the rules of one account.</summary>
    /// <param name="crls">At most <see cref="MaxLists"/>, in any order, of any CAs; of several lists of one CA for the same certificates the newest counts.</param>
    /// <param name="policy">For lists past their nextUpdate.</param>
    /// <param name="grace">For <see cref="CrlPolicy.Grace"/>: zero or more, otherwise not used.</param>
    /// <param name="denied">The deny list.</param>
    /// <exception cref="ArgumentException">More lists than allowed, or a negative grace time.</exception>
    public static RevocationRules Create(IReadOnlyList<CertificateRevocationList> crls, CrlPolicy policy, TimeSpan grace, IReadOnlyList<DenyEntry> denied) =>
        Create(crls, policy, grace, denied, requireForEveryCa: false);

    internal static RevocationRules Create(
        IReadOnlyList<CertificateRevocationList> crls, CrlPolicy policy, TimeSpan grace, IReadOnlyList<DenyEntry> denied, bool requireForEveryCa, bool unlimited = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        if (!Enum.IsDefined(policy))
            throw new ArgumentOutOfRangeException(nameof(policy), policy, "No such policy.");
        if (crls.Count > MaxLists && !unlimited)
            throw new ArgumentException($"{crls.Count} CRLs; at most {MaxLists} are allowed.", nameof(crls));
        return new RevocationRules([.. crls], policy, grace, denied, requireForEveryCa);
    }

    /// <summary>By what the deny list names this certificate, as a part of a sentence; null when it does not.</summary>
    internal string? DenialOf(ParsedCertificate certificate)
    {
        if (!DeniesAny)
            return null;
        if (_certificates.Count > 0 && _certificates.Contains(certificate.Sha256))
            return $"by its SHA-256 {certificate.Sha256}";
        if (_keys.Count > 0 && _keys.Contains(certificate.KeySha256))
            return $"by its public key (SHA-256 {certificate.KeySha256})";
        if (_serials.Count == 0 || !_serials.TryGetValue(CertificateFacts.SerialText(certificate.Serial.Span), out DistinguishedName[]? issuers))
            return null;
        foreach (DistinguishedName issuer in issuers)
        {
            if (issuer.Matches(certificate.Issuer))
                return "by its serial number and issuer";
        }

        return null;
    }

    /// <summary>When a list stops being good enough; null when it never does.</summary>
    internal DateTimeOffset? UsableUntil(CertificateRevocationList list) => Policy switch
    {
        CrlPolicy.IgnoreStale => null,
        CrlPolicy.Grace when list.NextUpdate is { } next => next > DateTimeOffset.MaxValue - Grace ? DateTimeOffset.MaxValue : next + Grace,
        _ => list.NextUpdate,
    };
}
