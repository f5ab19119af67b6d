namespace Gatehouse.Upgrader.Kubernetes;

/// <summary>An object whose containers are looked after: a Deployment or a CronJob.</summary>
/// <param name="Kind">For people.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">Where the API has it.</param>
/// <param name="TemplatePath">JSON pointer of its pod's containers.</param>
/// <param name="Containers">Its containers as they were read.</param>
internal sealed record Workload(string Kind, string Namespace, string Name, string Path, string TemplatePath, IReadOnlyList<Container> Containers)
{
    private const string PodContainers = "/template/spec/containers";

    /// <summary>For people and reports: <c>Deployment delegates/build-farm</c>.</summary>
    public string Title => TitleOf(Kind, Namespace, Name);

    public static string TitleOf(string kind, string ns, string name) => $"{kind} {ns}/{name}";

    /// <summary>Reads a Deployment.</summary>
    /// <exception cref="KubernetesException">There is none, or none for this service account.</exception>
    public static async Task<Workload> DeploymentAsync(KubernetesApi api, string ns, string name, CancellationToken cancel)
    {
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/{name}";
        var read = await api.GetAsync(path, KubernetesJson.Default.Deployment, cancel);
        return new Workload("Deployment", ns, name, path, "/spec" + PodContainers, Of(read.Spec));
    }

    /// <summary>Reads a CronJob.</summary>
    /// <exception cref="KubernetesException">There is none, or none for this service account.</exception>
    public static async Task<Workload> CronJobAsync(KubernetesApi api, string ns, string name, CancellationToken cancel)
    {
        var path = $"/apis/batch/v1/namespaces/{ns}/cronjobs/{name}";
        CronJob read;
        try
        {
            read = await api.GetAsync(path, KubernetesJson.Default.CronJob, cancel);
        }
        catch (KubernetesException e) when (e.IsUnknownKind)
        {
            // Before Kubernetes 1.21 CronJobs were beta.
            path = path.Replace("/v1/", "/v1beta1/", StringComparison.Ordinal);
            read = await api.GetAsync(path, KubernetesJson.Default.CronJob, cancel);
        }

        return new Workload("CronJob", ns, name, path, "/spec/jobTemplate/spec" + PodContainers, Of(read.Spec?.JobTemplate?.Spec));
    }

    /// <summary>The place of a container; -1 when it is not there.</summary>
    public int IndexOf(string container)
    {
        for (var i = 0; i < Containers.Count; i++)
        {
            if (Containers[i].Name == container)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// The change of one image and of nothing else. It holds only while that place still has that container with that image: the cluster tests it on the object as it is
    /// then, so an edit made meanwhile is never overwritten, whether of the image or of the containers' order. The version of the whole object is not tested: every pod that starts changes it.
    /// </summary>
    public IReadOnlyList<PatchStep> ChangeOf(int index, string image) =>
    [
        new("test", $"{TemplatePath}/{index}/name", Containers[index].Name),
        new("test", $"{TemplatePath}/{index}/image", Containers[index].Image),
        new("replace", $"{TemplatePath}/{index}/image", image),
    ];

    /// <summary>Makes the change.</summary>
    /// <returns>The containers as they are then.</returns>
    /// <exception cref="KubernetesException">It was not made.</exception>
    public async Task<Workload> ChangeAsync(KubernetesApi api, int index, string image, bool dryRun, CancellationToken cancel)
    {
        var steps = ChangeOf(index, image);
        return this with
        {
            Containers = Kind == "Deployment"
                ? Of((await api.PatchAsync(Path, steps, dryRun, KubernetesJson.Default.Deployment, cancel)).Spec)
                : Of((await api.PatchAsync(Path, steps, dryRun, KubernetesJson.Default.CronJob, cancel)).Spec?.JobTemplate?.Spec),
        };
    }

    /// <summary>Reads it again.</summary>
    /// <exception cref="KubernetesException">It is gone, or there is no answer.</exception>
    public Task<Workload> AgainAsync(KubernetesApi api, CancellationToken cancel) =>
        Kind == "Deployment" ? DeploymentAsync(api, Namespace, Name, cancel) : CronJobAsync(api, Namespace, Name, cancel);

    private static IReadOnlyList<Container> Of(DeploymentSpec? spec) => spec?.Template?.Spec?.Containers ?? [];
}
