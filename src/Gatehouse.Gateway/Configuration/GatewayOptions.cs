using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>What the gateway role needs to know; the host fills it from the configuration.</summary>
public sealed class GatewayOptions
{
    /// <summary>FQDN = prefix + "." + this; lower case, for example <c>agent.example.io</c>.</summary>
    public required string AgentDomain { get; init; }

    /// <summary>Names served without a client certificate; lower case.</summary>
    public required IReadOnlyList<string> SharedHosts { get; init; }

    /// <summary>The port at which clients reach the listener, when it is behind something that maps ports; 1 to 65535. Default null: each client's own <c>Host</c> says it.</summary>
    public int? PublicPort { get; init; }

    /// <summary>PEM file of the server certificate and its intermediates; replaced at run time by replacing the file.</summary>
    public required string CertificatePath { get; init; }

    /// <summary>PEM file of its key.</summary>
    public required string CertificateKeyPath { get; init; }

    /// <summary>Where requests for the manager go; null: to the manager in this process.</summary>
    public Uri? ManagerAddress { get; init; }

    /// <summary>Where <c>/log-service/</c> goes; null: nowhere, or into this process (<see cref="LogServiceIsHere"/>).</summary>
    public Uri? LogServiceAddress { get; init; }

    /// <summary>The log service is a role of this process, and serves <c>/log-service/</c> unless it has an address. Default false.</summary>
    public bool LogServiceIsHere { get; init; }

    /// <summary>Where <c>/ti-service/</c> goes; null: nowhere, or into this process (<see cref="TiServiceIsHere"/>).</summary>
    public Uri? TiServiceAddress { get; init; }

    /// <summary>The TI service is a role of this process, and serves <c>/ti-service/</c> unless it has an address. Default false.</summary>
    public bool TiServiceIsHere { get; init; }

    /// <summary>Where requests for the STO service (security tests) go; null: nowhere.</summary>
    public Uri? StoServiceAddress { get; init; }

    /// <summary>Path at which it is served, taken off before forwarding. Default <c>/sto-service</c>.</summary>
    public string StoServicePath { get; init; } = "/sto-service";

    /// <summary>Where requests for the SCS service (supply chain) go; null: nowhere.</summary>
    public Uri? ScsServiceAddress { get; init; }

    /// <summary>Path at which it is served, taken off before forwarding. Default <c>/scs-service</c>.</summary>
    public string ScsServicePath { get; init; } = "/scs-service";

    /// <summary>Sent with forwarded requests, so that a service can believe the authority header; null sends none.</summary>
    public string? ClusterSecret { get; init; }

    /// <summary>Also forward the verified client certificate in the fields of RFC 9440.</summary>
    public bool ForwardClientCertificate { get; init; }

    /// <summary>Forward HTTP/1.1 requests to services in the clear by our own forwarder; false: everything by YARP. Default true.</summary>
    public bool OwnHttp1Forwarder { get; init; } = true;

    /// <summary>What ends TLS. Default: libssl on Linux, the portable engine elsewhere.</summary>
    public TlsEngineKind TlsEngine { get; init; }

    /// <summary>Resumption, and the form of refusals.</summary>
    public TlsEngineOptions Tls { get; init; } = new();

    /// <summary>Time for a handshake, from accept to its end. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time a refused client has to send its request and read the answer. Default 5 s.</summary>
    public TimeSpan RefusalTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections of the agent listener that are open at once, whatever their state; later ones are closed at once. Default 0: no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Handshakes in progress at once after their ClientHello, and as many connections that wait for it, over all clients. Default 4096.</summary>
    public int MaxConcurrentHandshakes { get; init; } = 4096;

    /// <summary>Of these, one endpoint's share. Default 512: some thousand handshakes a second at 100 ms round trip.</summary>
    public int MaxHandshakesPerEndpoint { get; init; } = 512;

    /// <summary>
    /// Refused attempts a second that one address may make at one endpoint, with ten times as many in a burst, before it is turned away at the
    /// ClientHello; ten times all that where a delegate was accepted from the address. Default 5; 0: no limit.
    /// </summary>
    public int RefusalsPerSecond { get; init; } = 5;

    /// <summary>Time a connection has to end in order after its trust was withdrawn, before it is cut. Default 400 ms: well under <see cref="Contracts.Limits.TrustChangeEffective"/>.</summary>
    public TimeSpan RevocationGrace { get; init; } = TimeSpan.FromMilliseconds(400);
}
