namespace Gatehouse.Contracts;

/// <summary>Mints the tokens that runners present to log service and TI service; offered by the manager, which hands them out with tasks.</summary>
public interface IServiceTokenIssuer
{
    /// <summary>A token for the account, good for <see cref="ServiceTokens.Lifetime"/>; null when this server does not know the service's secret.</summary>
    string? Issue(AgentService service, string accountId);
}
