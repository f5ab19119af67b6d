using System.Collections;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gatehouse.Server.Configuration;

/// <summary>A value in force and where it came from.</summary>
internal sealed record ConfiguredValue(ConfigurationKey Key, string? Value, string Source);

/// <summary>Reads defaults, then the file, then the environment, then flags: the later wins. Unknown keys are errors.</summary>
internal sealed class ConfigurationReader
{
    private const string EnvironmentPrefix = "GATEHOUSE__";
    private readonly Dictionary<string, ConfiguredValue> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];

    public ConfigurationReader()
    {
        foreach (var key in ConfigurationKey.All)
            _values[key.Name] = new ConfiguredValue(key, key.Default, "default");
    }

    /// <summary>Reads <c>gatehouse.yaml</c>.</summary>
    public ConfigurationReader AddFile(string path)
    {
        try
        {
            var yaml = new YamlStream();
            using var reader = new StreamReader(path);
            yaml.Load(reader);
            if (yaml.Documents.Count > 0)
                AddNode(yaml.Documents[0].RootNode, "", path);
        }
        catch (YamlException e)
        {
            _problems.Add($"{path} is not valid YAML: {e.Message} (line {e.Start.Line}).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"The configuration file {path} cannot be read: {e.Message}");
        }
        return this;
    }

    /// <summary>Reads variables that begin with <c>GATEHOUSE__</c>; two underscores stand for the dot.</summary>
    public ConfigurationReader AddEnvironment(IDictionary environment)
    {
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
                Set(name[EnvironmentPrefix.Length..].Replace("__", ".", StringComparison.Ordinal), (string?)entry.Value, $"environment {name}");
        }
        return this;
    }

    /// <summary>Sets one key from a flag.</summary>
    public ConfigurationReader AddFlag(string key, string? value, string flag)
    {
        if (value is not null)
            Set(key, value, flag);
        return this;
    }

    /// <summary>All values in the order of <see cref="ConfigurationKey.All"/>.</summary>
    /// <exception cref="ConfigurationException">Something could not be read or is unknown.</exception>
    public IReadOnlyList<ConfiguredValue> Values()
    {
        if (_problems.Count > 0)
            throw new ConfigurationException(_problems);
        return [.. ConfigurationKey.All.Select(key => _values[key.Name])];
    }

    private void AddNode(YamlNode node, string path, string file)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children)
                    AddNode(value, path.Length == 0 ? key.ToString() : $"{path}.{key}", file);
                break;
            case YamlSequenceNode list:
                Set(path, string.Join(',', list.Children.Select(c => c.ToString())), $"{file} line {list.Start.Line}");
                break;
            case YamlScalarNode { Value: "" or "null" or "~", Style: ScalarStyle.Plain }:
                if (path.Length > 0 && !IsSection(path))
                    Set(path, null, $"{file} line {node.Start.Line}");
                break;
            case YamlScalarNode scalar:
                Set(path, scalar.Value, $"{file} line {scalar.Start.Line}");
                break;
        }
    }

    private static bool IsSection(string path) =>
        ConfigurationKey.All.Any(k => k.Name.StartsWith(path + ".", StringComparison.OrdinalIgnoreCase));

    private void Set(string name, string? value, string source)
    {
        if (_values.TryGetValue(name, out var known))
            _values[name] = known with { Value = string.IsNullOrWhiteSpace(value) ? known.Key.Default : value.Trim(), Source = source };
        else
            _problems.Add($"Unknown configuration key '{name}' ({source}).{Suggestion(name)}");
    }

    private static string Suggestion(string name)
    {
        var last = name.Split('.')[^1];
        var near = ConfigurationKey.All.FirstOrDefault(k => k.Name.EndsWith(last, StringComparison.OrdinalIgnoreCase))
            ?? ConfigurationKey.All.FirstOrDefault(k => k.Name.StartsWith(name.Split('.')[0] + ".", StringComparison.OrdinalIgnoreCase));
        return near is null ? " 'gatehouse config show' lists the keys." : $" Did you mean '{near.Name}'? 'gatehouse config show' lists the keys.";
    }
}
