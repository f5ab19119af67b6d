namespace Gatehouse.Contracts;

/// <summary>How a request is admitted.</summary>
public enum AdmissionKind
{
    /// <summary>Turned away; <see cref="AdmissionDecision.Code"/> says why.</summary>
    Refuse = 0,

    /// <summary>Admitted without a verified client certificate.</summary>
    AcceptPlain,

    /// <summary>Admitted through the account's own endpoint with a verified client certificate.</summary>
    AcceptMtls,
}

/// <summary>The outcome of <see cref="Admission.Decide"/>. The default value refuses.</summary>
/// <param name="Kind">Accepted, and how, or refused.</param>
/// <param name="Code">The refusal code; null when accepted.</param>
public readonly record struct AdmissionDecision(AdmissionKind Kind, RefusalCode? Code)
{
    /// <summary>True unless refused.</summary>
    public bool IsAccepted => Kind != AdmissionKind.Refuse;
}
