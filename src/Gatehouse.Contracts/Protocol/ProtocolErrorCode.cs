namespace Gatehouse.Contracts.Protocol;

/// <summary>Error codes of the delegate protocol and their HTTP status (protocol sheet §5.1).</summary>
/// <remarks>Never answer an mTLS refusal with a token code: existing delegates stop for good on those (§3.5).</remarks>
public static class ProtocolErrorCode
{
#pragma warning disable CS1591 // The names are the protocol's.
    public const string InvalidRequest = "INVALID_REQUEST";
    public const string InvalidArgument = "INVALID_ARGUMENT";
    public const string InvalidToken = "INVALID_TOKEN";
    public const string ExpiredToken = "EXPIRED_TOKEN";
    public const string RevokedToken = "REVOKED_TOKEN";
    public const string InvalidAgentMtlsAuthority = "INVALID_AGENT_MTLS_AUTHORITY";
    public const string AccountDoesNotExist = "ACCOUNT_DOES_NOT_EXIST";
    public const string InvalidCredential = "INVALID_CREDENTIAL";
    public const string AccessDenied = "ACCESS_DENIED";
    public const string UsageLimitsExceeded = "USAGE_LIMITS_EXCEEDED";
    public const string DuplicateDelegate = "DUPLICATE_DELEGATE_EXCEPTION";
    public const string EntityNotFound = "ENTITY_NOT_FOUND";
    public const string ResourceNotFound = "RESOURCE_NOT_FOUND";
    public const string DelegateNotRegistered = "DELEGATE_NOT_REGISTERED";
    public const string NoAvailableDelegates = "NO_AVAILABLE_DELEGATES";
    public const string NoInstalledDelegates = "NO_INSTALLED_DELEGATES";
    public const string FeatureUnavailable = "FEATURE_UNAVAILABLE";
    public const string Default = "DEFAULT_ERROR_CODE";
#pragma warning restore CS1591

    /// <summary>The HTTP status that goes with a code; 500 for one that is not planned.</summary>
    public static int HttpStatus(string code) => code switch
    {
        InvalidRequest or InvalidArgument or DuplicateDelegate => 400,
        InvalidToken or ExpiredToken or RevokedToken or InvalidAgentMtlsAuthority or AccountDoesNotExist or InvalidCredential => 401,
        AccessDenied or UsageLimitsExceeded => 403,
        EntityNotFound or ResourceNotFound or DelegateNotRegistered or NoAvailableDelegates or NoInstalledDelegates => 404,
        FeatureUnavailable => 417,
        _ => 500,
    };
}
