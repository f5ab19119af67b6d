using System.Text.Json.Nodes;
using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Support;

/// <summary>Readers of YAML that are not ours: what do they make of a manifest, and of the difference of two?</summary>
internal static class Witness
{
    /// <summary>PyYAML, which reads YAML 1.1 as kubectl does.</summary>
    public static async Task<JsonNode> PyYamlAsync(string manifest)
    {
        var result = await CommandLine.RunAsync(
            "/usr/bin/python3", ["-c", "import sys, yaml, json; sys.stdin.reconfigure(encoding='utf-8', newline=''); print(json.dumps([d for d in yaml.safe_load_all(sys.stdin) if d is not None], default=str))"], manifest);
        Assert.True(result.ExitCode == 0, result.All);
        return JsonNode.Parse(result.Output)!;
    }

    /// <summary>The same of many manifests at once.</summary>
    public static async Task<JsonArray> PyYamlAllAsync(IReadOnlyList<string> manifests)
    {
        var result = await CommandLine.RunAsync(
            "/usr/bin/python3", ["-c", "import sys, yaml, json; print(json.dumps([[d for d in yaml.safe_load_all(m) if d is not None] for m in json.load(sys.stdin)], default=str))"],
            new JsonArray([.. manifests.Select(manifest => (JsonNode)manifest)]).ToJsonString());
        Assert.True(result.ExitCode == 0, result.All);
        return JsonNode.Parse(result.Output)!.AsArray();
    }

    /// <summary>kubectl's own reader, client-side: what it would send. Objects of Lists by themselves.</summary>
    public static async Task<JsonNode> KubectlAsync(string manifest)
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("manifest"), manifest);
        var result = await CommandLine.RunAsync(
            "kubectl", ["label", "--local", "-f", folder.File("manifest"), "-o", "jsonpath={@}{\"\\n\"}", "gatehouse-test=1"], "", environment: new Dictionary<string, string> { ["KUBECONFIG"] = "/dev/null", ["HOME"] = folder.Path });
        Assert.True(result.ExitCode == 0, result.All);
        return new JsonArray([.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line))]);
    }

    /// <summary>Every place where two trees differ, with what is there now; list items by their name.</summary>
    public static SortedDictionary<string, string> Differences(JsonNode? before, JsonNode? after)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Compare("", before, after, found);
        return found;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, SortedDictionary<string, string> found)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is JsonObject or null && after is JsonObject now)
        {
            foreach (var key in now.Select(entry => entry.Key).Union(before?.AsObject().Select(entry => entry.Key) ?? []))
            {
                Compare($"{path}/{key}", before?[key], now[key], found);
            }
        }
        else if (before is JsonArray or null && after is JsonArray items)
        {
            var were = before?.AsArray().Select((item, i) => (Key: Name(item, i), item)).ToDictionary(one => one.Key, one => one.item) ?? [];
            var are = items.Select((item, i) => (Key: Name(item, i), item)).ToDictionary(one => one.Key, one => one.item);
            foreach (var key in are.Keys.Union(were.Keys))
            {
                Compare($"{path}/{key}", were.GetValueOrDefault(key), are.GetValueOrDefault(key), found);
            }

            // What was there keeps its order, and what is new comes after it.
            if (!are.Keys.Take(were.Count).SequenceEqual(were.Keys))
            {
                found[path + "/order"] = string.Join(' ', are.Keys);
            }
        }
        else
        {
            found[path] = after?.ToJsonString() ?? "(gone)";
        }
    }

    private static string Name(JsonNode? item, int index) =>
        item is JsonObject map ? map["name"]?.ToString() ?? (map["kind"] is { } kind ? $"{kind}:{map["metadata"]?["name"]}" : $"{index}") : $"{index}";
}
