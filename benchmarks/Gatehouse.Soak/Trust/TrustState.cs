using Gatehouse.Contracts;
using Gatehouse.Soak.Oracle;

namespace Gatehouse.Soak.Trust;

/// <summary>An account's trust as the oracle knows it: what the admin API was asked for, judged by rules written down here a second time, plainly.</summary>
/// <param name="Prefix">The endpoint's first label; null when there is no endpoint.</param>
/// <param name="Mode">LOOSE or STRICT.</param>
/// <param name="Authorities">Which of the account's CAs are trusted, by number.</param>
internal sealed record TrustState(string? Prefix, MtlsMode Mode, IReadOnlySet<int> Authorities)
{
    public static TrustState None { get; } = new(null, MtlsMode.LOOSE, new HashSet<int>());

    /// <summary>The codes with which a client is refused; empty when it is admitted. Any of them is right.</summary>
    /// <param name="host">SNI of the client.</param>
    /// <param name="identity">What it shows.</param>
    /// <param name="expired">Its certificate's time is over.</param>
    public IReadOnlyList<string> Judge(SoakHost host, SoakIdentity identity, bool expired)
    {
        if (host.IsShared)
            return Prefix is not null && Mode == MtlsMode.STRICT ? ["mtls_required"] : [];
        if (Prefix != host.Prefix)
            return VerdictCodes.NoSuchEndpoint;
        if (identity.Authority is not { } authority)
            return Mode == MtlsMode.STRICT ? ["client_certificate_required"] : [];
        // A certificate that is no good is refused in LOOSE too: it is never read as "no certificate".
        var trusted = identity.IsOfThisAccount && Authorities.Contains(authority);
        return (trusted, expired) switch
        {
            (true, false) => [],
            (true, true) => ["certificate_expired"],
            (false, false) => ["certificate_unknown_ca"],
            (false, true) => ["certificate_unknown_ca", "certificate_expired"],
        };
    }
}

/// <summary>A name that a client connects to: a prefix of the account's, or the shared host.</summary>
internal sealed record SoakHost(string Name, string? Prefix)
{
    public bool IsShared => Prefix is null;
}

/// <summary>What a client shows.</summary>
/// <param name="Authority">Number of the CA among those of its account; null for a client without a certificate.</param>
/// <param name="IsOfThisAccount">False for the certificate of another account.</param>
/// <param name="ValidUntil">On the run's clock; infinity for one that outlives the run.</param>
internal sealed record SoakIdentity(int? Authority, bool IsOfThisAccount, double ValidUntil);
