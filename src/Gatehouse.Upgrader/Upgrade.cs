using Gatehouse.Client;
using Gatehouse.Upgrader.Kubernetes;

namespace Gatehouse.Upgrader;

/// <summary>
/// One run: the delegates' Deployment first, then this upgrader's own CronJob. Nothing of it needs a delegate: the upgrader shows a token and a certificate of its own, so
/// it gets delegates going again that cannot join any more.
/// </summary>
internal sealed class Upgrade(RunSettings settings, KubernetesApi api, UpgradeClient manager)
{
    private readonly ImageChange _change = new(settings, api);

    public async Task<UpgradeReport> RunAsync(CancellationToken cancel)
    {
        var delegates = await DelegatesAsync(cancel);
        var own = delegates.IsEnd ? new UpgradePart(UpgradeResult.Skipped, null) : await OwnAsync(cancel);
        return UpgradeReport.Of(settings.DryRun, delegates, own);
    }

    private async Task<UpgradePart> DelegatesAsync(CancellationToken cancel)
    {
        var name = settings.Upgrader.WorkloadName;
        var container = settings.Upgrader.ContainerName;
        var part = new UpgradePart("", Workload.TitleOf("Deployment", settings.Namespace, name)) { Container = container };
        Workload workload;
        try
        {
            workload = await Workload.DeploymentAsync(api, settings.Namespace, name, cancel);
        }
        catch (KubernetesException e)
        {
            return ClusterFault.Of(part, e, "get", settings.Namespace);
        }

        var index = workload.IndexOf(container);
        if (index >= 0)
        {
            return await _change.MakeAsync(workload, index, part, image => manager.DelegateAsync(image, name, cancel), mustDoMtls: settings.Identity is not null, cancel);
        }

        var there = string.Join(", ", workload.Containers.Select(one => $"'{one.Name}'"));
        return part with { Result = UpgradeResult.NotFound, Message = $"{workload.Title} has no container '{container}', but {there}. Correct 'containerName' in config.yaml." };
    }

    private async Task<UpgradePart> OwnAsync(CancellationToken cancel)
    {
        if (settings.CronJob is not { } name)
        {
            return new UpgradePart(UpgradeResult.Skipped, null)
            {
                Message = "The CronJob that runs this upgrader is not known, because this pod is not called as those of a CronJob are; its image was not looked at. Name it with --cron-job.",
            };
        }

        var ns = settings.Cluster.Namespace;
        var part = new UpgradePart(UpgradeResult.Skipped, Workload.TitleOf("CronJob", ns, name));
        Workload workload;
        try
        {
            workload = await Workload.CronJobAsync(api, ns, name, cancel);
        }
        catch (KubernetesException e)
        {
            var fault = ClusterFault.Of(part, e, "get", ns);
            // A Role that leaves CronJobs out means that somebody else looks after the upgrader.
            return fault.Result == UpgradeResult.NotPermitted ? fault with { Result = UpgradeResult.Skipped } : fault;
        }

        var index = workload.Containers.Count == 1 ? 0 : workload.IndexOf("upgrader");
        if (index < 0)
        {
            return part with { Message = $"{workload.Title} has {workload.Containers.Count} containers and none called 'upgrader'; their images were not looked at." };
        }

        part = part with { Container = workload.Containers[index].Name };
        var made = await _change.MakeAsync(workload, index, part, image => manager.UpgraderAsync(image, cancel), mustDoMtls: false, cancel);
        // Delegates are what upgrades are for; a server may well offer no upgrader.
        return made.Result == UpgradeResult.NothingOffered ? made with { Result = UpgradeResult.Skipped, Message = null } : made;
    }
}
