namespace Gatehouse.Tls;

/// <summary>How a client comes back without a full handshake; in each form only at the same endpoint, under the same trust, and judged again.</summary>
public enum ResumptionForm
{
    /// <summary>Sessions are kept here: cheap, and gone with this process.</summary>
    Stateful,

    /// <summary>Sessions are in encrypted tickets that clients keep: dearer, and good at every gateway that has the keys (RFC 5077, RFC 8446 §4.6.1).</summary>
    Tickets,

    /// <summary>Not at all.</summary>
    Off,
}
