namespace Gatehouse.Manifests.Delegates;

/// <summary>A chart that values are written for.</summary>
public enum HelmChart
{
    /// <summary>The public one, <c>harness-delegate-ng</c>.</summary>
    HarnessDelegateNg,

    /// <summary>Our own, in <c>deploy/charts/gatehouse-delegate</c>.</summary>
    GatehouseDelegate,
}
