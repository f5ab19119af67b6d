using System.Globalization;
using System.Net;
using System.Text;

namespace Gatehouse.Load;

/// <summary>What HAProxy is told as a peer. Whatever is not here is HAProxy's default.</summary>
internal static class HaproxyConfiguration
{
    /// <summary>
    /// A dedicated endpoint for each account: a line each in a <c>crt-list</c>, with the shared certificate, the account's own <c>ca-file</c> and
    /// its name. Timeouts must be given (HAProxy warns without); they are long, as idle connections are measured.
    /// </summary>
    public static string Gateway(string crtList, IPEndPoint listen, IPEndPoint upstream) => $$"""
        global
          nbthread 1
          maxconn 8000
        defaults
          mode http
          timeout connect 5s
          timeout client 600s
          timeout server 600s
        frontend agents
          bind {{listen}} ssl crt-list {{crtList}} strict-sni alpn h2,http/1.1
          http-request del-header agent-mtls-authority
          http-request set-header agent-mtls-authority %[ssl_fc_sni] if { ssl_c_used } { ssl_c_verify 0 }
          http-request set-header X-Forwarded-Proto https
          option forwardfor
          default_backend service
        backend service
          server upstream {{upstream}}

        """;

    public static string CrtList(IEnumerable<BenchAccount> accounts, string pem)
    {
        var text = new StringBuilder();
        foreach (var account in accounts)
            text.Append(CultureInfo.InvariantCulture, $"{pem} [ca-file {account.CaPath} verify required] {account.HostName}\n");
        return text.ToString();
    }
}
