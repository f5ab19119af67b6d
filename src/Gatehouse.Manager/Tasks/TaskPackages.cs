using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Manager.Flags;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Tasks;

/// <summary>Makes the package that acquire answers (protocol sheet §6.3). It carries no capabilities: public clients cannot validate them.</summary>
internal sealed class TaskPackages(Secrets secrets, FlagRegistry flags, IServiceTokenIssuer serviceTokens, ManagerOptions options)
{
    public const string DataSecret = "task-data";
    public const string SecretsSecret = "task-secrets";

    public DelegateTaskPackage Of(TaskRow row, AgentCaller caller) => new()
    {
        Id = row.Id,
        Type = row.Type,
        Data = JsonSerializer.Deserialize(secrets.Open(DataSecret, row.AccountId, row.Id, row.ProtectedData), ContractsJson.Default.JsonElement),
        Async = true,
        Timeout = row.Timeout,
        Logging = new DelegateTaskLogging(serviceTokens.Issue(AgentService.Log, row.AccountId) ?? "", Abstractions(row, caller)),
        TiToken = row.Type == TaskTypes.RunTests ? serviceTokens.Issue(AgentService.TestIntelligence, row.AccountId) : null,
        Delegate = new DelegateInfo { Id = row.DelegateId!, InstanceId = row.InstanceId! },
        Secrets = row.ProtectedSecrets is { } values
            ? JsonSerializer.Deserialize(secrets.Open(SecretsSecret, row.AccountId, row.Id, values), ContractsJson.Default.IReadOnlyListJsonElement)!
            : [],
        RunnerResponse = row.RunnerResponse,
    };

    /// <summary>
    /// Service addresses handed to the task. With <c>CI_OVERRIDE_SERVICE_URLS</c> they lie behind the host the delegate came through,
    /// which is its mTLS FQDN when it is an mTLS delegate; without it the log service's is the configured one (sheet §10).
    /// </summary>
    private Dictionary<string, string> Abstractions(TaskRow row, AgentCaller caller)
    {
        var abstractions = new Dictionary<string, string> { ["accountId"] = row.AccountId, ["taskId"] = row.Id };
        if (flags.IsOn(row.AccountId, KnownFlags.CiOverrideServiceUrls))
        {
            abstractions["logServiceUrl"] = $"https://{caller.Origin.HostAndPort}/log-service/";
            abstractions["tiServiceUrl"] = $"https://{caller.Origin.HostAndPort}/ti-service/";
        }
        else if (options.LogServiceUrl is { } url)
        {
            abstractions["logServiceUrl"] = url;
        }
        return abstractions;
    }
}
