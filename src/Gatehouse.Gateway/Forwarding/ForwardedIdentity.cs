using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>Takes the lines that the gateway adds to a forwarded request.</summary>
internal interface IIdentityLines
{
    /// <summary>Adds one; what was there by this name is replaced.</summary>
    void Add(string name, string value);
}

/// <summary>What a service elsewhere is told of the client, whichever forwarder tells it.</summary>
internal sealed class ForwardedIdentity(GatewayOptions options)
{
    /// <summary>Says it to <paramref name="lines"/>, last of all: nothing that the client sent can take it off again (threat A7).</summary>
    public void Describe<T>(AgentConnection connection, T lines)
        where T : struct, IIdentityLines
    {
        // The authority is the endpoint record's, never what the client sent (protocol sheet §1.4).
        if (connection.Verdict.Authority is { Length: > 0 } authority)
            lines.Add(HeaderNames.AgentMtlsAuthority, authority);
        if (!string.IsNullOrEmpty(options.ClusterSecret))
            lines.Add(HeaderNames.ClusterCredential, options.ClusterSecret);
        lines.Add("X-Forwarded-For", connection.RemoteAddress);
        lines.Add("X-Forwarded-Proto", "https");
        if (!options.ForwardClientCertificate || connection.Verdict.Authority is null)
            return;
        // Byte sequences of RFC 8941, as RFC 9440 §2 wants them.
        lines.Add("Client-Cert", Bytes(connection.Chain.Leaf));
        if (connection.Chain.Intermediates.Count > 0)
            lines.Add("Client-Cert-Chain", string.Join(", ", connection.Chain.Intermediates.Select(Bytes)));
    }

    private static string Bytes(ReadOnlyMemory<byte> der) => $":{Convert.ToBase64String(der.Span)}:";
}
