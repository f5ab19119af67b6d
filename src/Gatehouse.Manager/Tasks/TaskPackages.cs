using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Tasks;

/// <summary>Makes the package that acquire answers (protocol sheet §6.3). It carries no capabilities: public clients cannot validate them.</summary>
internal sealed class TaskPackages(Secrets secrets, TaskServiceAddresses services, IServiceTokenIssuer serviceTokens)
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
        Logging = new DelegateTaskLogging(serviceTokens.Issue(AgentService.Log, row.AccountId) ?? "", new Dictionary<string, string> { ["accountId"] = row.AccountId, ["taskId"] = row.Id }),
        Delegate = new DelegateInfo { Id = row.DelegateId!, InstanceId = row.InstanceId! },
        Secrets = row.ProtectedSecrets is { } values
            ? JsonSerializer.Deserialize(secrets.Open(SecretsSecret, row.AccountId, row.Id, values), ContractsJson.Default.IReadOnlyListJsonElement)!
            : [],
        RunnerResponse = row.RunnerResponse,
        Services = services.For(row.AccountId, caller.Origin),
    };
}
