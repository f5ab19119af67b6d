using Gatehouse.Contracts;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>The steps of the public page, for every delegate and upgrader of a manifest.</summary>
internal sealed class EnableMtls
{
    private readonly MtlsOptions _options;
    private readonly ManifestWork _work;
    private readonly SecretMount _mount;

    public EnableMtls(string text, MtlsOptions options)
    {
        _options = options;
        _work = new ManifestWork(text, options.Container);
        _mount = new SecretMount(_work, options);
    }

    public ManifestChange Run()
    {
        var refused = _work.Fleet.Delegates.Select(one => (one.Title, Refusal: ImageReference.Parse(one.Image).Refusal(_options.AllowedImages))).Where(one => one.Refusal is not null).ToList();
        if (refused.Count > 0)
        {
            var lines = refused.Select(one => $"{Sentence(one.Title)}: {one.Refusal}").ToList();
            if (_options.Container is null && (_work.Fleet.Delegates.Count > 1 || _work.Fleet.Delegates[0].Pod.Maps("containers").Skip(1).Any()))
            {
                lines.Add("A container that is no delegate is left alone when the delegate's is named with --container.");
            }

            throw new ManifestException(string.Join('\n', lines)) { IsRefusal = true };
        }

        _work.Notes.AddRange(_work.Fleet.PassedOver.Select(one => $"The {one.Title} has variables or an image of a delegate, but another one of its pod is more likely the delegate; it was left as it is. Name the delegate's container with --container if this is it."));

        foreach (var container in _work.Fleet.Delegates)
        {
            SetEnvironment(container);
            _mount.Add(container);
            if (container.Resource.Kind == "StatefulSet")
            {
                _work.Notes.Add($"{container.Resource.Title}: delegates with a tag of the form yy.mm.xxxxx refuse to start in pods whose names end in a small number, as a StatefulSet's do, while DELEGATE_TYPE is KUBERNETES or HELM_DELEGATE. Make it a Deployment.");
            }
        }

        foreach (var configuration in _work.Fleet.Configurations)
        {
            SetConfiguration(configuration);
        }

        foreach (var container in _work.Fleet.Upgraders)
        {
            _mount.Add(container);
        }

        _work.WriteFormer();
        if (_options.Pair is { } pair)
        {
            new SecretDocument(_work, _mount).Put(pair);
        }

        return _work.Finish(_mount.Secrets());
    }

    private void SetEnvironment(PodContainer container)
    {
        var wanted = new List<(string Name, string Value)> { (Names.Manager, _options.Endpoint.Manager) };
        if (!_options.OverrideServiceUrls)
        {
            wanted.Add((Names.LogService, _options.Endpoint.LogService));
            wanted.Add((Names.TiService, _options.Endpoint.TiService));
        }

        wanted.Add((Names.Certificate, $"{Names.MountPath}/{_mount.Keys.Certificate}"));
        wanted.Add((Names.Key, $"{Names.MountPath}/{_mount.Keys.Key}"));
        wanted.Add((Names.GrpcAuthority, "true"));

        // What is missing goes where the manager's address is: into the ConfigMap that the environment is drawn from, or into the container's own list.
        var home = container.Environment.Find(Names.Manager) is { IsItem: false } drawn && IsWholeEnvironment(container, drawn) ? drawn : null;
        var added = new List<Tree>();
        foreach (var (name, value) in wanted)
        {
            if (container.Environment.Find(name) is { } place)
            {
                SetVariable(container, name, place, value);
            }
            else if (home is not null)
            {
                _work.Editor.AddEntry(home.Map, name, Tree.Text(value));
                _work.Changes.Add($"{home.Resource.Title}: {name} added");
            }
            else
            {
                if (name == Names.Manager)
                {
                    _work.Former(container.Resource).Keep($"{container.Name}/{name}", Names.Absent);
                }

                added.Add(Tree.Map(("name", Tree.Text(name)), ("value", Tree.Text(value))));
                _work.Changes.Add($"{Sentence(container.Title)}: {name} added");
            }
        }

        _work.AddItems(container.Resource, container.Name + "/env", container.Container, "env", added);
    }

    /// <summary>Is the variable drawn by <c>envFrom</c>, and not by an item that names this one key?</summary>
    private static bool IsWholeEnvironment(PodContainer container, VariablePlace place) =>
        place.Resource.Kind == "ConfigMap" && container.Container.Maps("envFrom").Any(from => from.Scalar("configMapRef", "name") == place.Resource.Name && from.Scalar("prefix") is null);

    private void SetVariable(PodContainer container, string name, VariablePlace place, string value)
    {
        if (place is { IsValue: true, Entry.Value: TreeScalar { IsText: true } now } && now.Value == value)
        {
            return;
        }

        var former = _work.Former(place.Resource);
        var kept = place.IsItem ? $"{container.Name}/{name}" : place.Entry!.Key;
        _work.Changes.Add($"{(place.IsItem ? Sentence(container.Title) : place.Resource.Title)}: {name} set");
        if (place.Entry is not { } entry)
        {
            former.Keep(kept, "");
            _work.Editor.AddEntry(place.Map, "value", Tree.Text(value));
            return;
        }

        if (entry.Source is { } source && !entry.IsMerged && !IsOurs(entry.Value))
        {
            former.Keep(kept, _work.Editor.Raw(source));
        }

        if (place.IsValue)
        {
            _work.Editor.SetText(place.Map, entry, value);
        }
        else
        {
            _work.Editor.ReplaceEntry(place.Map, entry, ((YamlMapping)place.Map.Source!).IsFlow ? $"\"value\": {ScalarText.Quote(value)}" : $"value: {ScalarText.Write(value)}");
        }
    }

    private void SetConfiguration(UpgraderConfiguration configuration)
    {
        var scalar = (TreeScalar)configuration.Entry.Value;
        var inner = new YamlEditor(scalar.Value);
        var root = (TreeMap)inner.Documents[0];
        var former = _work.Former(configuration.Resource);
        Set(UpgraderConfiguration.HostMap(root), Names.ManagerHost, _options.Endpoint.ManagerHost);
        Set(root, Names.CertificateFile, $"{Names.MountPath}/{_mount.Keys.Certificate}");
        Set(root, Names.KeyFile, $"{Names.MountPath}/{_mount.Keys.Key}");
        if (inner.Edits.Count > 0)
        {
            EmbeddedText.Of(_work.Editor.Source, (YamlScalar)scalar.Source!).Carry(inner.Edits, _work.Editor);
            configuration.Entry.Value = Tree.Text(inner.Finish());
        }

        void Set(TreeMap map, string key, string value)
        {
            if (map.Find(key) is not { } entry)
            {
                if (key == Names.ManagerHost)
                {
                    former.Keep($"{configuration.Entry.Key}/{key}", Names.Absent);
                }

                inner.AddEntry(map, key, Tree.Text(value));
                _work.Changes.Add($"{configuration.Title}: {key} added");
            }
            else if (entry.Value is not TreeScalar { IsText: true } now || now.Value != value)
            {
                if (!IsOurs(entry.Value))
                {
                    former.Keep($"{configuration.Entry.Key}/{key}", inner.Raw(entry.Source!));
                }

                inner.SetText(map, entry, value);
                _work.Changes.Add($"{configuration.Title}: {key} set");
            }
        }
    }

    /// <summary>Another pair of the same mount is no former state: turning mutual TLS off takes it out.</summary>
    private static bool IsOurs(Tree value) => value is TreeScalar scalar && scalar.Value.StartsWith(Names.MountPath + "/", StringComparison.Ordinal);

    private static string Sentence(string title) => char.ToUpperInvariant(title[0]) + title[1..];
}
