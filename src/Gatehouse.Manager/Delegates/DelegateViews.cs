using Gatehouse.Contracts;
using Gatehouse.Manager.Tasks;

namespace Gatehouse.Manager.Delegates;

/// <summary>A delegate as operators see it.</summary>
internal sealed class DelegateViews(DelegateDirectory delegates, TaskBoard board)
{
    public DelegateView Of(DelegateState state)
    {
        var (facts, origin) = (state.Facts, state.Origin);
        return new DelegateView
        {
            Id = state.Id,
            AccountId = state.AccountId,
            Name = facts.Name,
            HostName = facts.HostName,
            Ip = facts.Ip,
            Type = facts.Type,
            Version = facts.Version,
            Tags = facts.Tags,
            SupportedTaskTypes = facts.TaskTypes,
            Status = DelegateService.Enabled,
            Connected = delegates.IsConnected(state),
            StreamOpen = state.Stream is not null,
            Mtls = origin.Mtls,
            Certificate = origin.Certificate,
            TokenName = state.TokenName,
            RegisteredAt = state.RegisteredAt,
            LastHeartbeat = state.LastHeartbeat,
            ClockSkewSeconds = state.ClockSkew / 1000.0,
            RunningTasks = board.RunningCount(state.Id),
            ConnectedThrough = origin.ConnectedThrough,
        };
    }
}
