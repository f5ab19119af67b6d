using CsCheck;

namespace Gatehouse.Manifests.Tests.Support;

/// <summary>Deployments as people write them: any indentation, quotes, order, comments, flow and block style, with and without what mutual TLS adds to.</summary>
internal static class RandomManifest
{
    public static Gen<string> Any { get; } =
        from step in Gen.Int[1, 4]
        from dash in Gen.Int[0, 4]
        from gap in Gen.Int[2, 4]
        from choices in Gen.Int[0, int.MaxValue].Array[40]
        from crlf in Gen.Bool
        from end in Gen.Bool
        select Write(new Style(step, dash, gap), new Choices(choices), crlf, end);

    private static string Write(Style style, Choices choose, bool crlf, bool end)
    {
        var variables = new List<string[]>
        {
            Variable(style, choose, "MANAGER_HOST_AND_PORT", "https://app.example.io"),
            Variable(style, choose, "ACCOUNT_ID", "acme"),
        };
        if (choose.Yes())
        {
            variables.Insert(choose.Of(3), Variable(style, choose, "LOG_STREAMING_SERVICE_URL", "https://app.example.io/log-service/"));
        }

        if (choose.Yes())
        {
            variables.Insert(choose.Of(3), Variable(style, choose, "TI_SERVICE_URL", "https://app.example.io/ti-service/"));
        }

        List<string[]> container =
        [
            choose.Of(5) == 0
                ? [$"env: [{{name: MANAGER_HOST_AND_PORT, value: {Quoted(choose, "https://app.example.io")}}}, {{\"name\": \"ACCOUNT_ID\", \"value\": \"acme\"}}]"]
                : [Key(choose, "env"), .. style.List(variables)],
            [$"image: {Quoted(choose, "harness/delegate:26.02.88404")}{Comment(choose)}"],
            [$"name: {Quoted(choose, "delegate")}"],
        ];
        Optional(container, choose, "volumeMounts", style, ["- name: scratch", "  mountPath: /tmp"]);
        List<string[]> pod = [new[] { Key(choose, "containers") }.Concat(style.List([[.. Shuffled(container, choose).SelectMany(part => part)]])).ToArray()];
        if (choose.Yes())
        {
            pod.Add([Key(choose, "securityContext"), .. style.Indent([choose.Yes() ? "runAsUser: 0" : "fsGroup: 1001"])]);
        }

        Optional(pod, choose, "volumes", style, ["- name: scratch", "  emptyDir: {}"]);
        List<string[]> metadata = [["name: delegate"]];
        if (choose.Of(3) is var kind and > 0)
        {
            metadata.Add(kind == 1 ? ["annotations: {}" + Comment(choose)] : [Key(choose, "annotations"), .. style.Indent(["team: build" + Comment(choose)])]);
        }

        var root = new List<string[]>
        {
            new[] { "kind: Deployment" },
            new[] { "apiVersion: apps/v1" },
            Body(choose, "metadata", style, metadata),
            Body(choose, "spec", style, [Body(choose, "template", style, [Body(choose, "spec", style, pod)])]),
        };
        var lines = Shuffled(root, choose).SelectMany(part => part);
        var text = string.Join("\n", lines) + (end ? "\n" : "");
        return crlf ? text.ReplaceLineEndings("\r\n") : text;
    }

    private static string[] Body(Choices choose, string key, Style style, List<string[]> parts) => [Key(choose, key), .. style.Indent(Shuffled(parts, choose).SelectMany(part => part))];

    private static string[] Variable(Style style, Choices choose, string name, string value)
    {
        if (choose.Of(4) == 0)
        {
            return [$"{{name: {name}, value: {Quoted(choose, value)}}}"];
        }

        string[] first = [$"name: {Quoted(choose, name)}{Comment(choose)}"];
        string[] second = choose.Of(5) == 0
            ? ["valueFrom:", .. style.Indent(["configMapKeyRef: {name: elsewhere, key: a}"])]
            : [$"value: {Quoted(choose, value)}{Comment(choose)}"];
        string[] between = choose.Of(4) == 0 ? ["# between"] : [];
        return choose.Yes() ? [.. first, .. between, .. second] : [.. second, .. between, .. first];
    }

    private static void Optional(List<string[]> parts, Choices choose, string key, Style style, string[] item)
    {
        switch (choose.Of(5))
        {
            case 0:
                parts.Add([$"{key}: []{Comment(choose)}"]);
                break;
            case 1:
                parts.Add([$"{key}:{Comment(choose)}"]);
                break;
            case 2:
                parts.Add([Key(choose, key), .. style.List([[.. item.Select(line => line[2..])]])]);
                break;
        }
    }

    private static IEnumerable<string[]> Shuffled(List<string[]> parts, Choices choose)
    {
        var first = choose.Of(parts.Count);
        return parts.Skip(first).Concat(parts.Take(first)).SelectMany(part => choose.Of(6) == 0 ? new[] { part, ["# a comment"] } : choose.Of(8) == 0 ? [part, [""]] : [part]);
    }

    private static string Key(Choices choose, string key) => (choose.Of(5) == 0 ? $"\"{key}\":" : choose.Of(6) == 0 ? key + " :" : key + ":") + Comment(choose);

    private static string Comment(Choices choose) => choose.Of(4) == 0 ? " # why" : "";

    private static string Quoted(Choices choose, string value) => choose.Of(3) switch { 0 => $"\"{value}\"", 1 => $"'{value}'", _ => value };

    private sealed record Style(int Step, int Dash, int Gap)
    {
        public string[] Indent(IEnumerable<string> lines) => [.. lines.Select(line => line.Length == 0 ? line : new string(' ', Step) + line)];

        public string[] List(IEnumerable<string[]> items) => [.. items.SelectMany(item => item.Select((line, i) =>
            line.Length == 0 ? line : new string(' ', Dash) + (i == 0 ? "-" + new string(' ', Gap - 1) : new string(' ', Gap)) + line))];
    }

    private sealed class Choices(int[] values)
    {
        private int _next;

        public bool Yes() => Of(2) == 0;

        public int Of(int count)
        {
            // Used up: begin again, moved on.
            var value = values[_next % values.Length] / (1 + (_next / values.Length));
            _next++;
            return value % count;
        }
    }
}
