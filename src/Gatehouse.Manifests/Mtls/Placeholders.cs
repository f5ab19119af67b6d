using System.Text;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>What samples leave for people to fill in, and nobody did.</summary>
internal static class Placeholders
{
    public static IEnumerable<ManifestFinding> In(IReadOnlyList<Resource> resources) => resources.SelectMany(resource => In(resource, resource.Body, ""));

    private static IEnumerable<ManifestFinding> In(Resource resource, Tree tree, string key) => tree switch
    {
        TreeMap map => map.Entries.SelectMany(entry => In(resource, entry.Value, entry.Key is "value" ? map.Scalar("name") ?? entry.Key : entry.Key)),
        TreeList list => list.Items.SelectMany(item => In(resource, item, key)),
        TreeScalar { IsText: true } text when IsPlaceholder(text.Value) || IsPlaceholder(Decoded(resource, text.Value)) =>
        [
            new ManifestFinding(
                key.Contains("TOKEN", StringComparison.Ordinal) || key.Contains("SECRET", StringComparison.Ordinal) ? "token_placeholder" : "placeholder", true, resource.Title,
                $"'{key}' still has the placeholder of a sample.",
                key.Contains("TOKEN", StringComparison.Ordinal) ? "Put the delegate token there: 'gatehouse token create' prints one." : "Fill it in."),
        ],
        _ => [],
    };

    /// <summary>Lines of scripts and documents are not looked at: there such text can mean something.</summary>
    public static bool IsPlaceholder(string value) =>
        !value.Contains('\n', StringComparison.Ordinal)
        && (value.Contains("PUT_YOUR_", StringComparison.Ordinal) || value is "{CERT}" or "{KEY}" || (value.Length > 2 && value[0] == '<' && value[^1] == '>'));

    private static string Decoded(Resource resource, string value)
    {
        var bytes = new byte[value.Length];
        return resource.Kind == "Secret" && value.Length is > 0 and < 256 && Convert.TryFromBase64String(value, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
