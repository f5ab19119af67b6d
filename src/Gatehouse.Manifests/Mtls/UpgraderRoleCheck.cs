using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>May the upgrader's service account do what upgrades take? A Role that stands elsewhere is believed; one that is not there at all is told.</summary>
internal sealed class UpgraderRoleCheck(PodContainer upgrader, IReadOnlyList<Resource> resources, List<ManifestFinding> findings)
{
    private string Account => upgrader.Pod.Scalar("serviceAccountName") ?? "default";

    /// <summary>Looks.</summary>
    /// <param name="workloads">The Deployments that its configuration names.</param>
    public void Run(IReadOnlyList<string> workloads)
    {
        if (upgrader.Resource.Kind != "CronJob")
        {
            return;
        }

        var bound = resources.Where(IsBinding).Select(one => (Kind: one.Body.Scalar("roleRef", "kind"), Name: one.Body.Scalar("roleRef", "name"))).ToList();
        var roles = bound.Select(one => resources.FirstOrDefault(role => role.Kind == one.Kind && role.Name == one.Name)).ToList();
        if (roles.Contains(null))
        {
            return;
        }

        var rules = roles.SelectMany(role => role!.Body.Maps("rules")).ToList();
        foreach (var workload in workloads.Where(workload => !Allows(rules, "apps", "deployments", workload)))
        {
            Tell($"'get' and 'patch' Deployment '{workload}'", "apps", "deployments", workload, "no delegate is upgraded");
        }

        if (!Allows(rules, "batch", "cronjobs", upgrader.Resource.Name))
        {
            Tell($"'get' and 'patch' {upgrader.Resource.Title}", "batch", "cronjobs", upgrader.Resource.Name, "the upgrader's own image stays");
        }
    }

    private bool IsBinding(Resource one) =>
        one.Kind is "RoleBinding" or "ClusterRoleBinding" && one.SharesNamespaceWith(upgrader.Resource)
        && one.Body.Maps("subjects").Any(subject => subject.Scalar("kind") == "ServiceAccount" && subject.Scalar("name") == Account);

    private static bool Allows(IEnumerable<TreeMap> rules, string group, string resource, string name)
    {
        var fitting = rules.Where(rule => Has(rule, "apiGroups", group) && Has(rule, "resources", resource) && (rule["resourceNames"] is null || Has(rule, "resourceNames", name))).ToList();
        return fitting.Exists(rule => Has(rule, "verbs", "get")) && fitting.Exists(rule => Has(rule, "verbs", "patch"));
    }

    private static bool Has(TreeMap rule, string key, string value) =>
        rule[key] is TreeList list && list.Items.OfType<TreeScalar>().Any(one => one.Value == value || (one.Value == "*" && key != "resourceNames"));

    private void Tell(string what, string group, string resource, string name, string consequence) => findings.Add(new ManifestFinding(
        "upgrader_may_not", false, upgrader.Title, $"In this manifest, nothing lets the service account '{Account}' {what}: {consequence}, unless a Role elsewhere does.",
        $"Bind it to a Role with apiGroups [\"{group}\"], resources [\"{resource}\"], resourceNames [\"{name}\"], verbs [\"get\", \"patch\"]."));
}
