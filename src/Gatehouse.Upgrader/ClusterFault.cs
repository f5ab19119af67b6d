using System.Net;
using Gatehouse.Upgrader.Kubernetes;

namespace Gatehouse.Upgrader;

/// <summary>What the cluster's no means for an upgrade, and the way out.</summary>
internal static class ClusterFault
{
    /// <summary>The part with result and message.</summary>
    /// <param name="part">The part so far.</param>
    /// <param name="fault">The no.</param>
    /// <param name="verb">What was tried: <c>get</c> or <c>patch</c>.</param>
    /// <param name="ns">The namespace.</param>
    public static UpgradePart Of(UpgradePart part, KubernetesException fault, string verb, string ns)
    {
        var isCronJob = part.Workload!.StartsWith("CronJob", StringComparison.Ordinal);
        var (result, way) = fault.Code switch
        {
            null => (UpgradeResult.ClusterUnreachable, fault.NextStep),
            HttpStatusCode.Unauthorized => (UpgradeResult.NotPermitted, "The service account's token is not accepted: see that the service account exists and that its token is mounted."),
            HttpStatusCode.Forbidden => (UpgradeResult.NotPermitted,
                $"Give the upgrader's service account a Role in namespace '{ns}' with apiGroups [\"{(isCronJob ? "batch" : "apps")}\"], resources [\"{(isCronJob ? "cronjobs" : "deployments")}\"], verbs [\"get\", \"patch\"] (here '{verb}' failed), or see which admission webhook forbids it."),
            HttpStatusCode.NotFound => (UpgradeResult.NotFound, isCronJob ? "Name the CronJob with --cron-job." : "Correct 'workloadName' and 'namespace' in config.yaml; only Deployments are looked after."),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => (UpgradeResult.ClusterUnreachable, "The next run tries again."),
            _ => (UpgradeResult.Rejected, "The cluster does not take the change; what it says is the reason."),
        };
        return part with { IsEnd = result == UpgradeResult.ClusterUnreachable || fault.Code == HttpStatusCode.Unauthorized, Result = result, Message = $"{part.Workload}: {fault.Message} {way}".TrimEnd() };
    }
}
