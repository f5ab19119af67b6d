using Gatehouse.Contracts;

namespace Gatehouse.Manager.Protocol;

/// <summary>The words of the refusals that admission can end in.</summary>
internal static class AdmissionRefusals
{
    public static Refusal Of(RefusalCode code, string accountId, EndpointRule? rule, IAgentOrigin origin)
    {
        var account = Bounded.Text(accountId, 64);
        var (message, next) = code == RefusalCode.MtlsRequired
            ? ($"Account '{account}' is STRICT: it accepts only delegates with a client certificate, and this request came through {origin.HostAndPort} without one.",
                $"Set MANAGER_HOST_AND_PORT to the account's mTLS endpoint ({rule!.Fqdn}) and give the delegate a client certificate of the account's CA.")
            : ($"This request is for account '{account}' but came through {origin.HostAndPort}, which is not that account's mTLS endpoint.",
                rule is null
                    ? $"Account '{account}' has no mTLS endpoint: use the ordinary host, or have an endpoint made for it."
                    : $"Use the account's own mTLS endpoint ({rule.Fqdn}), or check ACCOUNT_ID.");
        return new Refusal(code, message, next, account, origin.HostAndPort, origin.RemoteAddress, origin.Certificate);
    }
}
