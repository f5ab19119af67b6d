namespace Gatehouse.TestIntelligence;

/// <summary>Everything the TI service can be told, with defaults. Check it with <see cref="Validate"/>; <c>AddTestIntelligence</c> does.</summary>
public sealed class TestIntelligenceOptions
{
    /// <summary>Options with their defaults.</summary>
    public TestIntelligenceOptions() => FreeSpace = () => new DriveInfo(Path.GetFullPath(DataDirectory)).AvailableFreeSpace;

    /// <summary>Folder of the server's data; the TI service keeps to <c>ti</c> in it, made with mode 0700. Default <c>./gatehouse-data</c>.</summary>
    public string DataDirectory { get; set; } = "./gatehouse-data";

    /// <summary>Signs and checks the tokens of runners (log and TI sheet §2); at least 32 characters.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Lets a manager that runs elsewhere ask for tokens (<c>GET /token</c>) and clean up; at least 32 characters. Null: those calls are refused.</summary>
    public string? GlobalToken { get; set; }

    /// <summary>Folder of the agents that <c>/agents/link</c> offers; the operator fills it. Null: <c>ti/agents</c> in <see cref="DataDirectory"/>.</summary>
    public string? AgentDirectory { get; set; }

    /// <summary>How long reports are kept after they were last added to. Default 30 days; 1 hour to 10 years.</summary>
    public TimeSpan ReportRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long call graphs, skip lists, durations and what is known of a test are kept after their last use in an upload. Default 90 days; 1 hour to 10 years.</summary>
    public TimeSpan GraphRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Bytes kept of one account, all in all; null: as many as there is room for. Beyond it uploads are refused, and all tests run.</summary>
    public long? AccountQuota { get; set; }

    /// <summary>Bytes of the disk below <see cref="DataDirectory"/> that are left for others (the manager): uploads are refused when fewer are free. 0: none.</summary>
    public long FreeSpaceFloor { get; set; }

    /// <summary>How much is free there now.</summary>
    internal Func<long> FreeSpace { get; set; }

    internal string Folder => Path.Combine(DataDirectory, "ti");

    internal string DatabaseFile => Path.Combine(Folder, "ti.db");

    internal string SpoolFolder => Path.Combine(Folder, "uploads");

    internal string AgentFolder => Path.GetFullPath(AgentDirectory ?? Path.Combine(Folder, "agents"));

    /// <summary>Every mistake in these options, each in a sentence that names the option and the value; empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(DataDirectory))
            errors.Add("dataDirectory is empty; name a folder.");
        if (Secret.Length < 32)
            errors.Add("The TI service's secret is too short; use at least 32 random characters (openssl rand -hex 32).");
        if (GlobalToken is { Length: < 32 })
            errors.Add("The TI service's global token is too short; use at least 32 random characters (openssl rand -hex 32).");
        CheckTime(errors, nameof(ReportRetention), ReportRetention);
        CheckTime(errors, nameof(GraphRetention), GraphRetention);
        return errors;
    }

    private static void CheckTime(List<string> errors, string name, TimeSpan value)
    {
        if (value < TimeSpan.FromHours(1) || value > TimeSpan.FromDays(3660))
            errors.Add($"{name} is {value}; it must lie between 1 hour and 10 years.");
    }
}
