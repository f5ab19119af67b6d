using Gatehouse.Contracts;

namespace Gatehouse.Manager.Tokens;

/// <summary>Mints afresh each time: a token costs two microseconds, and one that was kept would reach its runner half used up.</summary>
internal sealed class ServiceTokenIssuer(ManagerOptions options, TimeProvider time) : IServiceTokenIssuer
{
    public string? Issue(AgentService service, string accountId)
    {
        var secret = service == AgentService.Log ? options.LogServiceSecret : options.TiServiceSecret;
        return string.IsNullOrEmpty(secret) ? null : ServiceTokens.Mint(secret, accountId, time.GetUtcNow() + ServiceTokens.Lifetime);
    }
}
