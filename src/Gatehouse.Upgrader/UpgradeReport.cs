using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gatehouse.Upgrader;

/// <summary>What a run came to.</summary>
/// <param name="Result">The word that counts: the first failure's, else <c>upgraded</c>, <c>would_upgrade</c> or <c>current</c>.</param>
/// <param name="DryRun">Was it to change nothing?</param>
/// <param name="Delegate">The delegates' Deployment; null when nothing was asked.</param>
/// <param name="Upgrader">This upgrader's CronJob; null when nothing was asked.</param>
internal sealed record UpgradeReport(string Result, bool DryRun, UpgradePart? Delegate, UpgradePart? Upgrader)
{
    /// <summary>What went wrong, as sentences.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What is worth a look, as sentences.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    [JsonIgnore]
    public int ExitCode => Result == UpgradeResult.WrongConfiguration ? Gatehouse.Upgrader.ExitCode.WrongUse
        : UpgradeResult.IsFailure(Result) ? Gatehouse.Upgrader.ExitCode.Failed : Gatehouse.Upgrader.ExitCode.Done;

    /// <summary>Puts two parts together.</summary>
    public static UpgradeReport Of(bool dryRun, UpgradePart one, UpgradePart own)
    {
        UpgradePart[] parts = [one, own];
        var failed = parts.Where(part => UpgradeResult.IsFailure(part.Result)).ToList();
        var result = failed.Count > 0 ? failed[0].Result
            : parts.Any(part => part.Result == UpgradeResult.Upgraded) ? UpgradeResult.Upgraded
            : parts.Any(part => part.Result == UpgradeResult.WouldUpgrade) ? UpgradeResult.WouldUpgrade
            : UpgradeResult.Current;
        return new UpgradeReport(result, dryRun, one, own)
        {
            Problems = [.. failed.Select(part => part.Message!)],
            Warnings = [.. parts.Where(part => !UpgradeResult.IsFailure(part.Result)).Select(part => part.Message).OfType<string>()],
        };
    }

    /// <summary>One line, for people or for programs.</summary>
    public string Line(bool json) => json
        ? JsonSerializer.Serialize(this, ReportJson.Default.UpgradeReport)
        : string.Join("; ", new[] { Delegate?.Text, Upgrader?.Text }.OfType<string>()) is { Length: > 0 } parts ? $"{Result}: {parts}" : Result;
}

/// <summary>What became of one workload.</summary>
/// <param name="Result">One of <see cref="UpgradeResult"/>.</param>
/// <param name="Workload"><c>Deployment delegates/build-farm</c>; null when it is not known.</param>
internal sealed record UpgradePart(string Result, string? Workload)
{
    public string? Container { get; init; }

    /// <summary>The image as it was found.</summary>
    public string? From { get; init; }

    /// <summary>The image that was set, or would be, or was not taken.</summary>
    public string? To { get; init; }

    /// <summary>For people: what went wrong and the way out, or what is worth a look; null when there is nothing to say.</summary>
    public string? Message { get; init; }

    /// <summary>Would whatever else is asked get the same answer?</summary>
    [JsonIgnore]
    public bool IsEnd { get; init; }

    [JsonIgnore]
    public string Text => $"{Workload ?? "CronJob"} {Result}"
        + (From is null ? "" : To is null || To == From ? $", {From}" : $", {From} -> {To}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UpgradeReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
