using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;

namespace Gatehouse.TestIntelligence.Overview;

/// <summary>
/// Reads what a step says its build tool spared it (sheet §7). What is null, missing or of another kind is passed over: the caller ignores our errors, and has no use for
/// one in a field it fills in from a tool's own report.
/// </summary>
internal static class SavingsBody
{
    private static readonly string[] s_sparedStates = ["FROM-CACHE", "FROM_CACHE", "UP-TO-DATE", "UP_TO_DATE", "NO-SOURCE", "NO_SOURCE", "SKIPPED", "CACHED"];

    /// <summary>Null when it says nothing of parts.</summary>
    /// <exception cref="InputException">It is not JSON, or holds a text that is none.</exception>
    public static async Task<SavingDetail?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(body, default, cancellationToken);
            var root = document.RootElement;
            return Gradle(Field(root, "gradle_metrics")) ?? Maven(Field(root, "maven_metrics")) ?? Layers(Field(root, "dlc_metrics"));
        }
        catch (JsonException e)
        {
            throw new InputException(UploadBody.Describe(e));
        }
        catch (InvalidOperationException)
        {
            // Half a character, escaped: it parses, and nobody can read it.
            throw new InputException("The body holds a text that is not Unicode.");
        }
    }

    private static SavingDetail? Gradle(JsonElement metrics)
    {
        var tasks = Items(Field(metrics, "profiles")).SelectMany(profile => Items(Field(profile, "projects"))).SelectMany(project => Items(Field(project, "tasks"))).ToList();
        var spared = tasks.Where(task => IsSpared(Field(task, "state"))).ToList();
        return tasks.Count == 0 ? null : new SavingDetail(tasks.Count, spared.Count, spared.Sum(task => Math.Clamp(Number(Field(task, "time_ms")), 0, int.MaxValue)));
    }

    private static SavingDetail? Maven(JsonElement metrics)
    {
        var projects = Items(Field(metrics, "cacheReport")).SelectMany(report => Items(Field(report, "projects")).DefaultIfEmpty(report)).ToList();
        return projects.Count == 0 ? null : new SavingDetail(projects.Count, projects.Count(project => IsTrue(Field(project, "checksumMatched")) || IsTrue(Field(project, "cached"))), 0);
    }

    private static SavingDetail? Layers(JsonElement metrics)
    {
        var total = Number(Field(metrics, "total_layers"));
        return total <= 0 ? null : new SavingDetail((int)Math.Min(total, int.MaxValue), (int)Math.Clamp(Number(Field(metrics, "cached")), 0, Math.Min(total, int.MaxValue)), 0);
    }

    private static JsonElement Field(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement of) => of.ValueKind == JsonValueKind.Array ? of.EnumerateArray() : default;

    private static long Number(JsonElement of) => of.ValueKind == JsonValueKind.Number && of.TryGetInt64(out var number) ? number : 0;

    private static bool IsTrue(JsonElement of) => of.ValueKind == JsonValueKind.True;

    private static bool IsSpared(JsonElement state) => state.ValueKind == JsonValueKind.String && s_sparedStates.Contains(state.GetString(), StringComparer.OrdinalIgnoreCase);
}
