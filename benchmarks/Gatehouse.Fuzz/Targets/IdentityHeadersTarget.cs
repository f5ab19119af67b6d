using System.Text;
using Gatehouse.Gateway;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// Headers as a client sends them, one a line. After the gateway none is left that a service could take for an identity, whichever of
/// case, underscore and hyphen it overlooks; and every other is left as it was.
/// </summary>
internal sealed class IdentityHeadersTarget : IFuzzTarget
{
    // Written down a second time; those beginning with "gatehouse-" besides.
    private static readonly HashSet<string> s_identity = new(
        ("AGENT_MTLS_AUTHORITY CLIENT_CERT CLIENT_CERT_CHAIN X_CLIENT_CERT X_CLIENT_CERTIFICATE X_CLIENT_VERIFY X_CLIENT_DN X_CLIENT_SUBJECT "
        + "X_FORWARDED_CLIENT_CERT X_FORWARDED_TLS_CLIENT_CERT X_FORWARDED_TLS_CLIENT_CERT_INFO X_ARR_CLIENTCERT X_AMZN_MTLS_CLIENTCERT X_SSL_CERT X_SSL_CLIENT_CERT "
        + "X_SSL_CLIENT_VERIFY X_SSL_CLIENT_DN X_SSL_CLIENT_S_DN X_SSL_CLIENT_I_DN X_SSL_CLIENT_SERIAL X_SSL_CLIENT_SHA1 X_SSL_CLIENT_FINGERPRINT SSL_CLIENT_CERT "
        + "SSL_CLIENT_VERIFY SSL_CLIENT_SUBJECT_DN SSL_CLIENT_ISSUER_DN X_FORWARDED_FOR X_FORWARDED_HOST X_FORWARDED_PROTO X_FORWARDED_PREFIX X_REAL_IP FORWARDED").Split(' '));

    public string Name => "identity-headers";

    public int MaxLength => 2048;

    public IEnumerable<byte[]> Seeds =>
        new[] { "Agent-MTLS-Authority: a\nagent_mtls_authority: b\nAccept: c", "X_Forwarded-For: 1\nx-forwarded_for: 2", "Gatehouse-Cluster-Credential: a\ngatehouse_x: b\nGatehouseX: c", "Authorization: a", "forwarded: for=1\nForwarded_: a" }
            .Select(Encoding.ASCII.GetBytes);

    public IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "agent-mtls-authority", "client-cert", "chain", "x-", "ssl", "-client-", "forwarded", "-for", "real-ip", "gatehouse-", "gatehouse_", "_", "-", ": x\n", ".", "AGENT_MTLS_AUTHORITY", "xCLIENT_cert" }.Select(Encoding.ASCII.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var headers = new HeaderDictionary();
        foreach (var line in Encoding.Latin1.GetString(input).Split('\n'))
        {
            var name = line.Split(':')[0];
            // What Kestrel lets through as a name: the token of RFC 9110 §5.6.2.
            if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
                headers.Append(name, "value");
        }
        var expected = headers.Keys.Where(name => !MayBeTaken(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);

        IdentityHeaders.Strip(headers);

        foreach (var name in headers.Keys)
            FuzzFindingException.Unless(expected.Contains(name), $"Left to the service: {name}");
        foreach (var name in expected)
            FuzzFindingException.Unless(headers.ContainsKey(name), $"Taken off for nothing: {name}");
    }

    // As CGI names them (RFC 3875 §4.1.18): capitals, and underscores for hyphens.
    private static bool MayBeTaken(string name)
    {
        var variable = name.ToUpperInvariant().Replace('-', '_');
        return s_identity.Contains(variable) || variable.StartsWith("GATEHOUSE_", StringComparison.Ordinal);
    }
}
