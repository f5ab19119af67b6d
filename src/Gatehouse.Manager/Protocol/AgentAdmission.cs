using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Endpoints;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Protocol;

/// <summary>
/// Judges for every service behind the gateway. It looks at the account's endpoint as it is now, in memory: an answer of the admin API is an
/// effect, not a promise.
/// </summary>
internal sealed partial class AgentAdmission(TrustRegistry trust, AccountRegistry accounts, IRefusalLog refusals, ILogger<AgentAdmission> logger) : IAgentAdmission
{
    public AgentDenial? Judge(IAgentOrigin? origin, string accountId)
    {
        if (origin is null)
        {
            // Fail closed: whatever let this request in, it was not a gateway that verified where it came from.
            Log.NoOrigin(logger, Bounded.Text(accountId, 64));
            return Deny(ProtocolErrorCode.InvalidAgentMtlsAuthority, "This request did not come through a gateway. Use the agent address of this server.");
        }
        if (JudgeWayIn(origin, accountId) is { } refusal)
            return Deny(ProtocolErrorCode.InvalidAgentMtlsAuthority, refusal.Message) with { Refusal = refusal };
        return accounts.Exists(accountId)
            ? null
            : Deny(ProtocolErrorCode.AccountDoesNotExist, $"There is no account '{Bounded.Text(accountId, 64)}' here. Check ACCOUNT_ID.");
    }

    /// <summary>The mTLS verdict alone; null when admitted.</summary>
    private Refusal? JudgeWayIn(IAgentOrigin origin, string accountId)
    {
        var rule = trust.RuleOf(accountId);
        var decision = Admission.Decide(rule, origin.Authority, accountId);
        // Without a certificate, too, another account's name is not a way in.
        if (decision.IsAccepted && origin.EndpointAccountId is { } owner && owner != accountId)
            decision = new AdmissionDecision(AdmissionKind.Refuse, RefusalCode.AccountMismatch);
        if (decision.IsAccepted)
            return null;
        var refusal = AdmissionRefusals.Of(decision.Code!.Value, accountId, rule, origin);
        refusals.Report(refusal);
        return refusal;
    }

    private static AgentDenial Deny(string code, string message) => new(ProtocolErrorCode.HttpStatus(code), code, message);

    private static partial class Log
    {
        [LoggerMessage(3020, LogLevel.Warning, "A request for account {Account} reached a service without passing a gateway and was refused", EventName = "NoAgentOrigin")]
        public static partial void NoOrigin(ILogger logger, string account);
    }
}
