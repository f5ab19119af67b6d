using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Client;

/// <summary>What to do about the delegate protocol's own codes: its answers carry none, ours carry their own.</summary>
internal static class NextSteps
{
    internal static string For(string code) => code switch
    {
        ProtocolErrorCode.InvalidToken or ProtocolErrorCode.InvalidCredential =>
            "Check DELEGATE_TOKEN and ACCOUNT_ID: the token must be one of this account's, as hex or as base64 of the hex.",
        ProtocolErrorCode.RevokedToken => "Make a new token for the account and set DELEGATE_TOKEN to it.",
        ProtocolErrorCode.ExpiredToken => "Compare this machine's clock with the manager's; a token that was given an end needs a successor.",
        ProtocolErrorCode.InvalidAgentMtlsAuthority =>
            "Look at the account's mTLS endpoint: its FQDN must be the host in MANAGER_HOST_AND_PORT, and in STRICT mode a client certificate is needed.",
        ProtocolErrorCode.AccountDoesNotExist => "Check ACCOUNT_ID.",
        ProtocolErrorCode.UsageLimitsExceeded => "Remove delegates of the account that are no longer used, or have its limit raised.",
        _ => "",
    };
}
