namespace Gatehouse.Contracts;

/// <summary>
/// Where a request on the delegate protocol came from, as the gateway verified it. In one process it travels as a feature of the
/// request; between processes it is rebuilt from headers that carry the cluster credential. Absent: not through a gateway, refuse.
/// </summary>
public interface IAgentOrigin
{
    /// <summary>FQDN of the endpoint whose client certificate check the connection passed; null when it is not mTLS.</summary>
    string? Authority { get; }

    /// <summary>The account of the endpoint the connection came through; null on a shared host.</summary>
    string? EndpointAccountId { get; }

    /// <summary>
    /// The address the client came through, for addresses that are derived from it, for example <c>customer1.agent.example.io:8443</c>; without a port
    /// when it is 443. The name is the verified one, never a header's.
    /// </summary>
    string HostAndPort { get; }

    /// <summary>The peer's address without port.</summary>
    string RemoteAddress { get; }

    /// <summary>The verified client certificate; null when it is not mTLS.</summary>
    PresentedCertificate? Certificate { get; }

    /// <summary>Cancelled when a change of trust means this connection or request may not go on. Long-lived handlers must end then, and say why.</summary>
    CancellationToken Revoked { get; }

    /// <summary>Why <see cref="Revoked"/> was cancelled; null until then.</summary>
    Refusal? RevokedBecause { get; }
}
