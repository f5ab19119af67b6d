using System.Globalization;
using System.Text.RegularExpressions;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Upgraders;

/// <summary>Reads the keys one by one and collects what is wrong. Values of keys that are not known are never repeated: one could be a password under a wrong name.</summary>
internal sealed partial class UpgraderSettingsReader(TreeMap root)
{
    private const string Inner = "delegateConfig";

    private readonly HashSet<string> _known = [Inner];
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];

    public static UpgraderReading Read(string text)
    {
        try
        {
            return YamlReader.Read(new SourceText(text)) is [YamlMapping written] && TreeReader.Read(written) is TreeMap root
                ? new UpgraderSettingsReader(root).Run()
                : new UpgraderReading(null, ["It is not one document of keys and values, as 'mode: Delegate' is."], []);
        }
        catch (ManifestException e)
        {
            return new UpgraderReading(null, [e.Message], []);
        }
    }

    private UpgraderReading Run()
    {
        if (root.Find(Inner) is { Value: not TreeMap })
        {
            _problems.Add($"'{Inner}' is not a group of keys: accountId and managerHost belong in it, indented.");
        }

        if (At(null, "mode") is { } mode && mode != "Delegate")
        {
            _problems.Add($"'mode' is '{mode}': Delegate is legal.");
        }

        var certificate = At(null, Names.CertificateFile);
        var key = At(null, Names.KeyFile);
        if (certificate is null != key is null)
        {
            _problems.Add($"'{(certificate is null ? Names.KeyFile : Names.CertificateFile)}' is set and '{(certificate is null ? Names.CertificateFile : Names.KeyFile)}' is not: set both for mutual TLS, or neither.");
        }

        var scheme = OneOf("proxyScheme", "http", "http", "https");
        var settings = new UpgraderSettings
        {
            DryRun = Flag("dryRun"),
            WorkloadName = Named("workloadName", "the name of the Deployment to look after", SubdomainForm()) ?? "",
            Namespace = Optional("namespace", LabelForm()),
            ContainerName = Optional("containerName", LabelForm()) ?? "delegate",
            ClientCertificateFilePath = certificate,
            ClientCertificateKeyFilePath = key,
            RegistryMirror = Mirror(),
            AccountId = Named("accountId", "the id of the account", AccountForm(), Inner) ?? "",
            ManagerHost = Manager(certificate is not null) ?? "",
            ProxyScheme = scheme,
            ProxyHost = At(null, "proxyHost"),
            ProxyPort = Port("proxyPort", scheme == "https" ? 443 : 8080),
            ProxyUser = At(null, "proxyUser"),
            ProxyPassword = At(null, "proxyPassword"),
        };
        Proxy(settings);
        foreach (var (entry, group) in root.Entries.Select(one => (one, "")).Concat((root.Map(Inner)?.Entries ?? []).Select(one => (one, $" in '{Inner}'"))))
        {
            if (!_known.Contains(entry.Key))
            {
                _warnings.Add($"'{entry.Key}'{group} is not a key that the upgrader knows; it was left out of account.");
            }
        }

        return _problems.Count == 0 ? new UpgraderReading(settings, [], _warnings) : new UpgraderReading(null, _problems, _warnings);
    }

    /// <summary>The value of a key in its group, or else in the other one: a slip of indentation is told, and does no harm. Null when it is not set, or empty.</summary>
    private string? At(string? group, string key)
    {
        _known.Add(key);
        var (own, other) = group is null ? (root, root.Map(Inner)) : (root.Map(Inner), root);
        if ((own?.Find(key) ?? other?.Find(key)) is not { } entry)
        {
            return null;
        }

        if (own?.Find(key) is null)
        {
            _warnings.Add(group is null ? $"'{key}' stands in '{Inner}' and belongs beside 'mode'." : $"'{key}' stands beside 'mode' and belongs in '{Inner}'.");
        }

        if (entry.Value is TreeScalar scalar)
        {
            return scalar.IsNothing || string.IsNullOrWhiteSpace(scalar.Value) ? null : scalar.Value.Trim();
        }

        _problems.Add($"'{key}' has more than one value: it takes one text.");
        return null;
    }

    private string? Optional(string key, Regex form, string? group = null)
    {
        if (At(group, key) is not { } value)
        {
            return null;
        }

        if (Placeholders.IsPlaceholder(value))
        {
            _problems.Add($"'{key}' is '{Short(value)}': the placeholder of a sample was not replaced.");
        }
        else if (!form.IsMatch(value))
        {
            _problems.Add($"'{key}' is '{Short(value)}': {(form == AccountForm() ? "1 to 64 letters, digits, '_' and '-' are legal" : "lower-case letters, digits and '-' are legal, as in every Kubernetes name")}.");
        }

        return value;
    }

    private string? Named(string key, string what, Regex form, string? group = null)
    {
        var before = _problems.Count;
        var value = Optional(key, form, group);
        if (value is null && _problems.Count == before)
        {
            _problems.Add($"'{key}'{(group is null ? "" : $" in '{group}'")} is not set: it must be {what}.");
        }

        return value;
    }

    private string? Manager(bool certificate)
    {
        if (At(Inner, Names.ManagerHost) is not { } value)
        {
            _problems.Add($"'{Names.ManagerHost}' in '{Inner}' is not set: it must be the manager's address, for example https://customer1.agent.example.io.");
            return null;
        }

        // The manager's own templates leave the scheme out (sheet §9.1).
        var address = value.Contains("://", StringComparison.Ordinal) ? value : "https://" + value;
        if (Placeholders.IsPlaceholder(value))
        {
            _problems.Add($"'{Names.ManagerHost}' is '{Short(value)}': the placeholder of a sample was not replaced.");
        }
        else if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            // A user and password may be in it.
            _problems.Add($"'{Names.ManagerHost}' is not an address such as https://customer1.agent.example.io.");
        }
        else if (uri.Scheme == Uri.UriSchemeHttp && certificate)
        {
            _problems.Add($"'{Names.ManagerHost}' is '{Short(value)}', and a client certificate can be shown over https only.");
        }

        return address;
    }

    private string? Mirror()
    {
        const string Key = "registryMirror";
        var value = At(null, Key)?.TrimEnd('/');
        if (value is not null && !MirrorForm().IsMatch(value))
        {
            _problems.Add($"'{Key}' is '{Short(value)}': a registry's host is legal, with a path or without, and without https://, for example registry.example.io/mirror.");
        }

        return value;
    }

    private void Proxy(UpgraderSettings settings)
    {
        if (settings.ProxyHost is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            _problems.Add("'proxyHost' is not a host name or address: scheme, port, user and password have keys of their own.");
        }
        else if (settings.ProxyHost is null && (settings.ProxyUser ?? settings.ProxyPassword) is not null)
        {
            _warnings.Add("'proxyHost' is not set, so the proxy's user and password are left out of account.");
        }
    }

    private bool Flag(string key)
    {
        var value = false;
        if (At(null, key) is { } text && !bool.TryParse(text, out value))
        {
            _problems.Add($"'{key}' is '{Short(text)}': true and false are legal.");
        }

        return value;
    }

    private string OneOf(string key, string whenUnset, params string[] legal)
    {
        var value = At(null, key)?.ToLowerInvariant() ?? whenUnset;
        if (!legal.Contains(value))
        {
            _problems.Add($"'{key}' is '{Short(value)}': {string.Join(" and ", legal)} are legal.");
        }

        return value;
    }

    private int Port(string key, int whenUnset)
    {
        if (At(null, key) is not { } text)
        {
            return whenUnset;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535)
        {
            return port;
        }

        _problems.Add($"'{key}' is '{Short(text)}': 1 to 65535 is legal.");
        return whenUnset;
    }

    private static string Short(string value) => value.Length <= 100 ? value : value[..100] + "…";

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex AccountForm();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$")]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(/[a-z0-9._-]+)*$")]
    private static partial Regex MirrorForm();
}
