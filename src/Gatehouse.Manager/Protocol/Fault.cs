using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Manager.Protocol;

/// <summary>An expected "no": status, stable code and one or two sentences for a person.</summary>
internal sealed record Fault(int Status, string Code, string Message)
{
    /// <summary>Set when admission refused: it decides about header and body.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>A code of the delegate protocol with its HTTP status (sheet §5.1).</summary>
    public static Fault Of(string protocolCode, string message) => new(ProtocolErrorCode.HttpStatus(protocolCode), protocolCode, message);

    public static Fault Refused(Refusal refusal) =>
        Of(ProtocolErrorCode.InvalidAgentMtlsAuthority, refusal.Message) with { Refusal = refusal };
}
