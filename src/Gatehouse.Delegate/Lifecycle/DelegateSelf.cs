using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate;

/// <summary>How this delegate introduces itself (protocol sheet §5.3).</summary>
internal sealed class DelegateSelf(DelegateSettings settings, string ip, IReadOnlyList<string> taskTypes, TimeProvider time)
{
    /// <summary>Tells this process from an earlier one under the same id.</summary>
    internal string ConnectionId { get; } = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    internal static string Version { get; } = typeof(DelegateSelf).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>Body of register and heartbeat.</summary>
    internal DelegateParams Parameters(string? delegateId, IReadOnlyList<string> running) => new()
    {
        AccountId = settings.AccountId,
        DelegateId = delegateId,
        DelegateName = settings.Name,
        HostName = settings.HostName,
        Ip = ip,
        DelegateType = settings.Type,
        DelegateGroupName = settings.GroupName,
        DelegateConnectionId = ConnectionId,
        Description = settings.Description,
        Version = Version,
        OrgIdentifier = settings.OrgIdentifier,
        ProjectIdentifier = settings.ProjectIdentifier,
        LastHeartBeat = time.GetUtcNow().ToUnixTimeMilliseconds(),
        Ng = settings.NextGen,
        PollingModeEnabled = false,
        HeartbeatAsObject = true,

        // What it was doing before it registers is gone: the manager then fails those tasks at once (sheet §5.4).
        Immutable = true,
        SupportedTaskTypes = taskTypes,
        Tags = settings.Tags,
        CurrentlyExecutingDelegateTasks = running,
    };

    /// <summary>Body of unregister.</summary>
    internal UnregisterDelegateRequest Goodbye(string delegateId) => new()
    {
        DelegateId = delegateId,
        HostName = settings.HostName,
        Ng = settings.NextGen,
        DelegateType = settings.Type,
        IpAddress = ip,
        OrgIdentifier = settings.OrgIdentifier,
        ProjectIdentifier = settings.ProjectIdentifier,
    };
}
