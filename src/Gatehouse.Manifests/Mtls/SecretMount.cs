using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>The Secret's way into a container: a volume of its pod and a mount.</summary>
internal sealed class SecretMount
{
    private readonly ManifestWork _work;

    public SecretMount(ManifestWork work, MtlsOptions options)
    {
        _work = work;
        SecretName = options.SecretName is { } asked ? Kubernetes.SecretName.Check(asked) : work.Fleet.Delegates.Select(MountedSecretName).FirstOrDefault(name => name is not null) ?? Names.Volume;
        Keys = options.Keys ?? work.Fleet.Delegates.Select(KeysInUse).FirstOrDefault(keys => keys is not null) ?? SecretKeys.Documented;
    }

    public string SecretName { get; }

    public SecretKeys Keys { get; }

    /// <summary>The namespaces that the manifest has been given a Secret for.</summary>
    public HashSet<string> Added { get; } = [];

    public IEnumerable<PodContainer> Containers => _work.Fleet.Delegates.Concat(_work.Fleet.Upgraders);

    /// <summary>The Secrets that are mounted, one for each namespace.</summary>
    public IReadOnlyList<MountedSecret> Secrets() =>
    [
        .. Containers.Select(one => one.Resource.Namespace).Distinct().Select(space => new MountedSecret(space, SecretName, Keys, Document(space) is not null || Added.Contains(space ?? ""))),
    ];

    /// <summary>The Secret's own document; null when it is not part of the manifest.</summary>
    public Resource? Document(string? inNamespace) => _work.Resources.FirstOrDefault(one =>
        one.Kind == "Secret" && one.Name == SecretName && (one.Namespace is null || inNamespace is null || one.Namespace == inNamespace));

    /// <summary>Sees to it that the container has the Secret's files at <see cref="Names.MountPath"/>.</summary>
    public void Add(PodContainer container)
    {
        if (container.MountAt(Names.MountPath) is { } mount)
        {
            Adopt(container, mount.Scalar("name"));
            return;
        }

        var volume = container.Pod.Maps("volumes").FirstOrDefault(one => one.Scalar("secret", "secretName") == SecretName)?.Scalar("name");
        if (volume is not null)
        {
            Adopt(container, volume);
        }

        var name = volume ?? FreeName(container);
        var item = Tree.Map(("mountPath", Tree.Text(Names.MountPath)), ("name", Tree.Text(name)), ("readOnly", Tree.True()));
        _work.AddItems(container.Resource, container.Name + "/volumeMounts", container.Container, "volumeMounts", item);
        _work.Changes.Add($"{container.Resource.Title}: mount {Names.MountPath} added to container '{container.Name}'");
        if (volume is null)
        {
            var secret = Tree.Map(("secretName", Tree.Text(SecretName)), ("defaultMode", SecretFileMode.For(container)));
            _work.AddItems(container.Resource, "volumes", container.Pod, "volumes", Tree.Map(("name", Tree.Text(name)), ("secret", secret)));
            _work.Changes.Add($"{container.Resource.Title}: volume '{name}' added");
        }
    }

    /// <summary>What is mounted there already is kept, and put right.</summary>
    private void Adopt(PodContainer container, string? volumeName)
    {
        var volume = container.Volume(volumeName);
        if (volume?.Map("secret") is not { } secret)
        {
            if (volume?.Find("projected") is null && volume?.Find("csi") is null)
            {
                throw new ManifestException($"{Names.MountPath} in the {container.Title} is taken by the volume '{volumeName}', which is no Secret. Mount that elsewhere, and try again.");
            }

            _work.Notes.Add($"The {container.Title} has a volume of another kind at {Names.MountPath}; it was left as it is. It must hold '{Keys.Certificate}' and '{Keys.Key}'.");
            return;
        }

        if (secret.Find("secretName") is { Value: TreeScalar name } entry && name.Value != SecretName)
        {
            _work.Editor.SetText(secret, entry, SecretName);
            _work.Changes.Add($"{container.Resource.Title}: volume '{volumeName}' takes Secret '{SecretName}'");
        }

        if (secret.Find("defaultMode") is { Source: not null } mode && SecretFileMode.Parse(secret.Scalar("defaultMode")) is { } now
            && (now == SecretFileMode.DecimalSlip || !SecretFileMode.CanRead(container, now)))
        {
            var right = SecretFileMode.For(container);
            _work.Editor.ReplaceEntry(secret, mode, ((YamlMapping)secret.Source!).IsFlow ? $"\"defaultMode\": {right.Value}" : $"defaultMode: {right.Value} # {right.Comment}");
            _work.Changes.Add($"{container.Resource.Title}: the mode of volume '{volumeName}' was "
                + (now == SecretFileMode.DecimalSlip ? "400, a decimal number, which is 0620 in octal" : $"{SecretFileMode.Octal(now)}, with which only root can read its files")
                + $"; it is {right.Comment} now");
        }
    }

    private static string FreeName(PodContainer container)
    {
        var name = Names.Volume;
        for (var i = 2; container.Volume(name) is not null; i++)
        {
            name = $"{Names.Volume}-{i}";
        }

        return name;
    }

    private static string? MountedSecretName(PodContainer container) =>
        container.MountAt(Names.MountPath) is { } mount ? container.Volume(mount.Scalar("name"))?.Scalar("secret", "secretName") : null;

    private static SecretKeys? KeysInUse(PodContainer container)
    {
        return Name(Names.Certificate) is { } certificate && Name(Names.Key) is { } key && certificate != key ? new SecretKeys(certificate, key) : null;

        string? Name(string variable) =>
            container.Environment.Value(variable) is { } path && path.StartsWith(Names.MountPath + "/", StringComparison.Ordinal) && !path[(Names.MountPath.Length + 1)..].Contains('/', StringComparison.Ordinal)
                ? path[(Names.MountPath.Length + 1)..]
                : null;
    }
}
