namespace Gatehouse.Contracts;

/// <summary>
/// The door that all services behind the gateway share: <see cref="Admission.Decide"/> with the account's endpoint as it is now, and whether there is
/// such an account. Offered by the manager. A service asks it before it looks at a token.
/// </summary>
public interface IAgentAdmission
{
    /// <summary>Null: admitted, go on to the token. A refusal for mTLS reasons has been reported when this returns.</summary>
    /// <param name="origin">Where the request came from; null when it passed no gateway, which is refused.</param>
    /// <param name="accountId">The account it names; not empty.</param>
    AgentDenial? Judge(IAgentOrigin? origin, string accountId);
}

/// <summary>Why a request is not admitted.</summary>
/// <param name="Status">HTTP status of the delegate protocol.</param>
/// <param name="Code">Code of the delegate protocol; never one of a token (sheet §3.5).</param>
/// <param name="Message">One or two sentences for a person.</param>
/// <param name="Refusal">Set when the mTLS verdict refused: goes into the header <see cref="HeaderNames.GatehouseRefusal"/> and the body.</param>
public sealed record AgentDenial(int Status, string Code, string Message, Refusal? Refusal = null);
