namespace Gatehouse.Contracts;

/// <summary>Header names of ours and of the delegate protocol.</summary>
public static class HeaderNames
{
    /// <summary>Set by the gateway only: FQDN of the endpoint whose certificate check the connection passed (protocol sheet §1.1).</summary>
    public const string AgentMtlsAuthority = "agent-mtls-authority";

    /// <summary>The refusal code, on every refusal.</summary>
    public const string GatehouseRefusal = "Gatehouse-Refusal";

    /// <summary>Proves to a service that a request came through a gateway of its cluster.</summary>
    public const string ClusterCredential = "Gatehouse-Cluster-Credential";

    /// <summary>Operator API key.</summary>
    public const string ApiKey = "X-Api-Key";

    /// <summary>The outermost error code (protocol sheet §5.1).</summary>
    public const string HarnessError = "X-Harness-Error";
}
