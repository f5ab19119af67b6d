using System.Text;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>Do the files that a container is told of get there, and can it read them?</summary>
internal sealed class MountCheck(PodContainer container, IReadOnlyList<Resource> resources, List<ManifestFinding> findings)
{
    private static readonly string[] s_data = ["data", "stringData"];

    private const string Enable = "'gatehouse manifest enable-mtls' puts it right.";

    /// <param name="who"><c>delegate</c> or <c>upgrader</c>: the beginning of the findings' codes.</param>
    /// <param name="paths">The files; empty: none are told, and the usual mount is looked for.</param>
    public void Run(string who, IReadOnlyList<string> paths)
    {
        foreach (var path in paths.DefaultIfEmpty($"{Names.MountPath}/"))
        {
            CheckFile(who, path);
        }
    }

    private void CheckFile(string who, string path)
    {
        var mount = container.Container.Maps("volumeMounts").Where(one => IsAt(path, one)).MaxBy(one => one.Scalar("mountPath")!.Length);
        if (mount is null)
        {
            Add($"{who}_not_mounted", $"Nothing is mounted at '{path.TrimEnd('/')}'.");
            return;
        }

        if (mount.Scalar("subPath") is not null)
        {
            Add($"{who}_sub_path", $"'{mount.Scalar("mountPath")}' is mounted with 'subPath': a renewed certificate never gets there.", isError: false);
        }

        if (container.Volume(mount.Scalar("name")) is not { } volume)
        {
            Add($"{who}_volume_missing", $"The volume '{mount.Scalar("name")}' that is mounted at '{mount.Scalar("mountPath")}' is not in the pod.");
        }
        else if (volume.Map("secret") is { } secret)
        {
            CheckSecret(who, volume, secret, path[(path.LastIndexOf('/') + 1)..]);
        }
    }

    private static bool IsAt(string path, TreeMap mount) =>
        mount.Scalar("mountPath")?.TrimEnd('/') is { } folder && (path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal));

    private void CheckSecret(string who, TreeMap volume, TreeMap secret, string file)
    {
        var name = secret.Scalar("secretName");
        if (SecretFileMode.Parse(secret.Scalar("defaultMode")) is { } mode)
        {
            if (mode == SecretFileMode.DecimalSlip)
            {
                Add($"{who}_mode_decimal", $"The mode of volume '{volume.Scalar("name")}' is 400, a decimal number, which is 0620 in octal; 0400 was meant, which is 256.");
            }
            else if (!SecretFileMode.CanRead(container, mode))
            {
                var message = $"With mode {SecretFileMode.Octal(mode)} only root can read the files of volume '{volume.Scalar("name")}'";
                if (SecretFileMode.IsUserKnown(container))
                {
                    Add($"{who}_mode_unreadable", $"{message}, and the container does not run as root and has no fsGroup.");
                }
                else
                {
                    Add($"{who}_mode_root_only", $"{message}; whether the container runs as root is not in the manifest, its image decides.", "Set 'runAsUser: 0' if it does; if not, take 'defaultMode' out, set 'fsGroup', or let enable-mtls set the mode.", isError: false);
                }
            }
        }

        var keys = secret.Maps("items").ToList();
        if (file.Length > 0 && keys.Count > 0 && !keys.Exists(item => item.Scalar("path") == file))
        {
            Add($"{who}_secret_key_missing", $"The volume '{volume.Scalar("name")}' has no file '{file}': its 'items' do not name it.", "Add it to 'items', or take 'items' out.");
        }
        else if (file.Length > 0 && resources.FirstOrDefault(one => one.Kind == "Secret" && one.Name == name && one.SharesNamespaceWith(container.Resource)) is { } found)
        {
            CheckContent(who, found, keys.Find(item => item.Scalar("path") == file)?.Scalar("key") ?? file, isKey: file.EndsWith("key", StringComparison.Ordinal));
        }
    }

    private void CheckContent(string who, Resource secret, string key, bool isKey)
    {
        var value = secret.Body.Map("data")?.Scalar(key);
        var plain = secret.Body.Map("stringData")?.Scalar(key);
        if (value is null && plain is null)
        {
            Add($"{who}_secret_key_missing", $"{secret.Title} has no '{key}'; it has {List(secret)}.", "Give the Secret's names with --key-names to enable-mtls, or make the Secret anew.");
            return;
        }

        if (plain is null)
        {
            var bytes = new byte[value!.Length];
            if (!Convert.TryFromBase64String(value, bytes, out var length))
            {
                Add($"{who}_secret_not_base64", $"'{key}' of {secret.Title} is not Base64: 'kubectl apply' refuses it.", "Put the file's Base64 there (base64 -w0 FILE), or use enable-mtls --with-secret.");
                return;
            }

            plain = Encoding.UTF8.GetString(bytes, 0, length);
        }

        if (plain.Contains("PRIVATE KEY-----", StringComparison.Ordinal) != isKey || (!isKey && !plain.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)))
        {
            Add($"{who}_secret_content", $"'{key}' of {secret.Title} is not a {(isKey ? "private key" : "certificate alone")} in PEM.", "Were the two files exchanged, or encoded twice? Make the Secret anew.");
        }
    }

    private static string List(Resource secret)
    {
        var names = s_data.SelectMany(key => secret.Body.Map(key)?.Entries.Select(entry => $"'{entry.Key}'") ?? []).ToList();
        return names.Count == 0 ? "nothing" : string.Join(", ", names);
    }

    private void Add(string code, string message, string nextStep = Enable, bool isError = true) => findings.Add(new ManifestFinding(code, isError, container.Title, message, nextStep));
}
