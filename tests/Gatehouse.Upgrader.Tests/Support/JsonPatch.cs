using System.Text.Json.Nodes;

namespace Gatehouse.Upgrader.Tests.Support;

/// <summary>RFC 6902, as far as it is used: <c>test</c> and <c>replace</c>. Everything else, and every place that is not there, fails.</summary>
internal static class JsonPatch
{
    /// <summary>Applies every step, or answers false.</summary>
    public static bool Apply(JsonNode document, JsonArray steps)
    {
        foreach (var step in steps)
        {
            var path = ((string)step!["path"]!).Split('/')[1..];
            var parent = path[..^1].Aggregate((JsonNode?)document, At);
            if (At(parent, path[^1]) is not { } place)
            {
                return false;
            }

            switch ((string)step["op"]!)
            {
                case "test":
                    if (!JsonNode.DeepEquals(place, step["value"]))
                    {
                        return false;
                    }

                    break;
                case "replace":
                    place.ReplaceWith(step["value"]!.DeepClone());
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static JsonNode? At(JsonNode? node, string key) => node switch
    {
        JsonObject map => map[key],
        JsonArray list => int.TryParse(key, out var index) && index < list.Count ? list[index] : null,
        _ => null,
    };
}
