namespace Gatehouse.Pki;

/// <summary>The stable codes of <see cref="RevocationListFinding.Code"/>.</summary>
public static class RevocationListCodes
{
    /// <summary>Error: names a CA of the account, whose key did not sign it.</summary>
    public const string SignatureWrong = "signature_wrong";

    /// <summary>Error: signed by a CA of the account whose key usage lacks cRLSign.</summary>
    public const string IssuerMayNotSign = "issuer_may_not_sign";

    /// <summary>Warning: of a CA that is not in the bundle; an intermediate, or a stranger.</summary>
    public const string IssuerNotAnchor = "issuer_not_anchor";

    /// <summary>Warning: of a CA of the account by name, but by its own word signed with another key than the one in the bundle.</summary>
    public const string SeparateKey = "separate_key";

    /// <summary>Warning: past its nextUpdate.</summary>
    public const string Stale = "stale";

    /// <summary>Warning: within a day of its nextUpdate.</summary>
    public const string StaleSoon = "stale_soon";

    /// <summary>Warning: its thisUpdate is in the future.</summary>
    public const string NotYetValid = "not_yet_valid";

    /// <summary>Warning: without nextUpdate; never counts as out of date.</summary>
    public const string NoNextUpdate = "no_next_update";

    /// <summary>Warning: the CA publishes delta CRLs, which are not read.</summary>
    public const string HasDeltas = "has_deltas";

    /// <summary>Warning: speaks of nothing a delegate could present.</summary>
    public const string NoEffect = "no_effect";
}
