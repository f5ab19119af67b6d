namespace Gatehouse.Pki;

/// <summary>What to do when a CRL is past its nextUpdate. Whoever is on the list stays refused under each of them.</summary>
public enum CrlPolicy
{
    /// <summary>Refuse every certificate the list speaks for (<see cref="CertificateFault.CrlStale"/>).</summary>
    Strict,

    /// <summary>Go on for a grace time after nextUpdate, then refuse as <see cref="Strict"/> does.</summary>
    Grace,

    /// <summary>Go on with the old list for good.</summary>
    IgnoreStale,
}
