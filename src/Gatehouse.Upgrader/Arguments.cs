namespace Gatehouse.Upgrader;

/// <summary>The words behind <c>run</c>.</summary>
internal sealed record Arguments
{
    public string Config { get; init; } = "/etc/config/config.yaml";

    public bool DryRun { get; init; }

    /// <summary>The CronJob that runs this; null: told from the pod's name.</summary>
    public string? CronJob { get; init; }

    public IReadOnlyList<string> AllowedImages { get; init; } = [];

    public string ServiceAccount { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    public bool Json { get; init; }

    /// <summary>Reads them.</summary>
    /// <returns>The arguments, or what is wrong with them.</returns>
    public static (Arguments? Arguments, string? Wrong) Parse(ReadOnlySpan<string> words)
    {
        var read = new Arguments();
        for (var i = 0; i < words.Length; i++)
        {
            var (name, value) = words[i].Split('=', 2) is [var left, var right] && left.StartsWith("--", StringComparison.Ordinal) ? (left, right) : (words[i], null);
            if (name == "--dry-run" && value is null)
            {
                read = read with { DryRun = true };
                continue;
            }

            if (name is not ("--config" or "--cron-job" or "--allow-image" or "--service-account" or "--output"))
            {
                return (null, $"'{words[i]}' is not an option of 'upgrader run'");
            }

            value ??= ++i < words.Length ? words[i] : null;
            if (string.IsNullOrWhiteSpace(value))
            {
                return (null, $"{name} needs a value");
            }

            if (name == "--output" && value is not ("json" or "text"))
            {
                return (null, $"--output is '{value}', and text and json are legal");
            }

            read = name switch
            {
                "--config" => read with { Config = value },
                "--cron-job" => read with { CronJob = value },
                "--allow-image" => read with { AllowedImages = [.. read.AllowedImages, value] },
                "--service-account" => read with { ServiceAccount = value },
                _ => read with { Json = value == "json" },
            };
        }

        return (read, null);
    }
}
