using Gatehouse.Contracts;

namespace Gatehouse.Manager;

/// <summary>Everything the manager role can be told, with defaults. Check it with <see cref="Validate"/>; <c>AddManager</c> does.</summary>
public sealed class ManagerOptions
{
    /// <summary>Folder of the database, keys and task output; made with mode 0700. Default <c>./gatehouse-data</c>.</summary>
    public string DataDirectory { get; set; } = "./gatehouse-data";

    /// <summary>SQLite connection string; null: the file <c>gatehouse.db</c> in <see cref="DataDirectory"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Endpoints are <c>prefix.AgentDomain</c>. Empty text switches the write side of the mTLS endpoint API off (protocol sheet §1.3).</summary>
    public string AgentDomain { get; set; } = "agent.localhost";

    /// <summary>Hosts served without a client certificate: no endpoint may take such a name.</summary>
    public IReadOnlyList<string> SharedHosts { get; set; } = ["gatehouse.localhost", "localhost"];

    /// <summary>File of the operator API key, made on first start with mode 0600; null: <c>operator.key</c> in <see cref="DataDirectory"/>.</summary>
    public string? OperatorKeyFile { get; set; }

    /// <summary>Address of the log service that tasks are told while their account's <c>CI_OVERRIDE_SERVICE_URLS</c> is off; http or https, a slash at the end makes no difference; null: none.</summary>
    public string? LogServiceUrl { get; set; }

    /// <summary>As <see cref="LogServiceUrl"/>, of the TI service.</summary>
    public string? TiServiceUrl { get; set; }

    /// <summary>As <see cref="LogServiceUrl"/>, of the STO service.</summary>
    public string? StoServiceUrl { get; set; }

    /// <summary>As <see cref="LogServiceUrl"/>, of the SCS service.</summary>
    public string? ScsServiceUrl { get; set; }

    /// <summary>Path at which the gateway serves the STO service: what its address ends with while the flag is on. Default <c>/sto-service</c>.</summary>
    public string StoServicePath { get; set; } = "/sto-service";

    /// <summary>As <see cref="StoServicePath"/>, of the SCS service. Default <c>/scs-service</c>.</summary>
    public string ScsServicePath { get; set; } = "/scs-service";

    /// <summary>Signing secret of the log service, at least 32 characters; null: tasks are handed no log token.</summary>
    public string? LogServiceSecret { get; set; }

    /// <summary>Signing secret of the TI service, at least 32 characters; null: nobody is handed a TI token.</summary>
    public string? TiServiceSecret { get; set; }

    /// <summary>Full image reference that delegates are upgraded to, for example <c>harness/delegate:24.10.84200</c>; null: none is offered.</summary>
    public string? DelegateImage { get; set; }

    /// <summary>Patterns of delegate images that can do mutual TLS though their tag is not of the form <c>yy.mm.xxxxx</c>; <c>*</c> stands for any text. Others are offered to no STRICT account.</summary>
    public IReadOnlyList<string> MtlsImages { get; set; } = [];

    /// <summary>Full image reference that upgraders are upgraded to; null: none is offered.</summary>
    public string? UpgraderImage { get; set; }

    /// <summary>Domain prefixes that no account may take, besides the built-in ones.</summary>
    public IReadOnlyList<string> ExtraReservedPrefixes { get; set; } = [];

    /// <summary>How often heartbeats held in memory are written in one batch. Default 5 s; a crash loses at most this much of presence, never more.</summary>
    public TimeSpan HeartbeatFlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a task that nobody took is offered to more delegates. Default <see cref="Limits.RebroadcastInterval"/>.</summary>
    public TimeSpan RebroadcastInterval { get; set; } = Limits.RebroadcastInterval;

    /// <summary>A delegate silent for longer is lost, and its running tasks fail. Default <see cref="Limits.ConnectedWithin"/>; never under three heartbeats.</summary>
    public TimeSpan ConnectedWithin { get; set; } = Limits.ConnectedWithin;

    /// <summary>How long after its time limit a started task may still be answered (sheet §6.5). Default 30 s.</summary>
    public TimeSpan TaskGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a running task that is aborted may take to say so. Default 30 s.</summary>
    public TimeSpan AbortGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long finished tasks and their output are kept. Default <see cref="Limits.TaskRetention"/>.</summary>
    public TimeSpan TaskRetention { get; set; } = Limits.TaskRetention;

    /// <summary>How long a delegate that was never heard of again is remembered. Default 7 days: the window of readiness.</summary>
    public TimeSpan DelegateRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often the background jobs look around. Default 1 s.</summary>
    public TimeSpan BackgroundTick { get; set; } = TimeSpan.FromSeconds(1);

    internal string SqliteConnectionString => ConnectionString ?? $"Data Source={DatabaseFile}";

    internal string DatabaseFile => Path.Combine(DataDirectory, "gatehouse.db");

    internal string KeyDirectory => Path.Combine(DataDirectory, "keys");

    internal string TaskOutputDirectory => Path.Combine(DataDirectory, "task-output");

    internal string OperatorKeyPath => OperatorKeyFile ?? Path.Combine(DataDirectory, "operator.key");

    /// <summary>Every mistake in these options, each in a sentence that names the option and the value; empty when there is none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(DataDirectory))
            errors.Add("dataDirectory is empty; name a folder.");
        if (AgentDomain.Length > 0 && !Endpoints.HostNames.IsHostName(AgentDomain))
            errors.Add($"agent.domain is '{AgentDomain}', which is not a host name such as agent.example.io.");
        errors.AddRange(SharedHosts.Where(host => !Endpoints.HostNames.IsHostName(host))
            .Select(host => $"agent.sharedHosts has '{host}', which is not a host name."));
        errors.AddRange(ExtraReservedPrefixes.Where(prefix => !Endpoints.HostNames.IsLabel(prefix))
            .Select(prefix => $"The reserved prefix '{prefix}' is not a DNS label."));
        CheckUrl(errors, "services.logServiceUrl", LogServiceUrl);
        CheckUrl(errors, "services.tiServiceUrl", TiServiceUrl);
        CheckUrl(errors, "services.stoServiceUrl", StoServiceUrl);
        CheckUrl(errors, "services.scsServiceUrl", ScsServiceUrl);
        CheckSecret(errors, "services.logServiceSecret", LogServiceSecret);
        CheckSecret(errors, "services.tiServiceSecret", TiServiceSecret);
        CheckTime(errors, nameof(HeartbeatFlushInterval), HeartbeatFlushInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        CheckTime(errors, nameof(RebroadcastInterval), RebroadcastInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        CheckTime(errors, nameof(ConnectedWithin), ConnectedWithin, 3 * Limits.HeartbeatInterval, TimeSpan.FromHours(1));
        CheckTime(errors, nameof(TaskGrace), TaskGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        CheckTime(errors, nameof(AbortGrace), AbortGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        CheckTime(errors, nameof(TaskRetention), TaskRetention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
        CheckTime(errors, nameof(DelegateRetention), DelegateRetention, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        CheckTime(errors, nameof(BackgroundTick), BackgroundTick, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        return errors;
    }

    private static void CheckUrl(List<string> errors, string name, string? value)
    {
        if (value is not null && !(Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length + url.Fragment.Length + url.UserInfo.Length == 0))
            errors.Add($"{name} is '{value}', which is not an http or https address without user and query.");
    }

    private static void CheckSecret(List<string> errors, string name, string? value)
    {
        if (value is { Length: < 32 })
            errors.Add($"{name} is too short; use at least 32 random characters (openssl rand -hex 32).");
    }

    private static void CheckTime(List<string> errors, string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            errors.Add($"{name} is {value}; it must be between {least} and {most}.");
    }
}
