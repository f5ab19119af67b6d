using System.Text;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>The Secret as part of the manifest.</summary>
internal sealed class SecretDocument(ManifestWork work, SecretMount mount)
{
    /// <summary>Adds it for every namespace that needs it, or puts the pair into the one that is there.</summary>
    public void Put(ClientPair pair)
    {
        foreach (var space in mount.Containers.Select(one => one.Resource.Namespace).Distinct().ToList())
        {
            if (mount.Document(space) is { } existing)
            {
                Update(existing, pair);
            }
            else
            {
                Add(space, pair);
            }
        }
    }

    private void Update(Resource secret, ClientPair pair)
    {
        if (secret.Body.Map("stringData") is { } plain && (plain.Find(mount.Keys.Certificate) ?? plain.Find(mount.Keys.Key)) is not null)
        {
            throw new ManifestException($"{secret.Title} has the pair as 'stringData'. Take those entries out, and try again.");
        }

        foreach (var (name, pem) in Files(pair))
        {
            if (secret.Body.Map("data") is not { } data)
            {
                throw new ManifestException($"{secret.Title} has no 'data'. Take it out of the manifest, and try again: it is made anew.");
            }

            if (data.Find(name) is not { } entry)
            {
                work.Editor.AddEntry(data, name, Tree.Text(pem));
                work.Changes.Add($"{secret.Title}: {name} added");
            }
            else if (entry.Value is not TreeScalar now || now.Value != pem)
            {
                work.Editor.SetText(data, entry, pem);
                work.Changes.Add($"{secret.Title}: {name} set");
            }
        }
    }

    private void Add(string? space, ClientPair pair)
    {
        var metadata = Tree.Map(("name", Tree.Text(mount.SecretName)));
        if (space is not null)
        {
            metadata.Entries.Add(new TreeEntry { Key = "namespace", Value = Tree.Text(space) });
        }

        metadata.Entries.Add(new TreeEntry { Key = "annotations", Value = Tree.Map((Names.Annotation, Tree.Text(Names.Absent))) });
        var data = new TreeMap();
        data.Entries.AddRange(Files(pair).Select(file => new TreeEntry { Key = file.Name, Value = Tree.Text(file.Base64) }));
        var body = Tree.Map(
            ("apiVersion", Tree.Text("v1")), ("kind", Tree.Text("Secret")), ("metadata", metadata),
            ("type", Tree.Text(mount.Keys == SecretKeys.Tls ? "kubernetes.io/tls" : "Opaque")), ("data", data));
        work.Changes.Add($"Secret '{mount.SecretName}' added");
        mount.Added.Add(space ?? "");
        if (mount.Containers.First(one => one.Resource.Namespace == space).Resource.List is { } list)
        {
            work.Editor.AddItems(list, body);
        }
        else
        {
            work.Editor.AddDocument(body);
        }
    }

    private IEnumerable<(string Name, string Base64)> Files(ClientPair pair) =>
    [
        (mount.Keys.Certificate, Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.CertificatePem))),
        (mount.Keys.Key, Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.KeyPem))),
    ];
}
