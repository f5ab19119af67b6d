using System.Net;

namespace Gatehouse.Load;

/// <summary>What nginx is told, as upstream and as the peer. Whatever is not here is nginx's default.</summary>
internal static class NginxConfigurations
{
    /// <summary>
    /// The service behind both gateways. It repeats the authority it was told, so that an answer proves a verified client certificate: only the
    /// server under test sets that header, and only after it verified one.
    /// </summary>
    public const string Upstream = """
          keepalive_requests 1000000000;
          server {
            listen @LISTEN0@;
            location / { default_type text/plain; return 200 "authority=$http_agent_mtls_authority account=$arg_accountId\n"; }
          }
        """;

    /// <summary>
    /// A dedicated endpoint as one would set it up by hand: <c>@LISTEN0@</c> with nginx's defaults, <c>@LISTEN1@</c> without session tickets.
    /// <c>keepalive_requests</c> (default 1,000) is raised, as kept connections are what is measured; TLS 1.3 is not among the defaults of 1.22.
    /// </summary>
    public static string Gateway(BenchCertificates certificates, IPEndPoint upstream) => $$"""
          map $ssl_client_verify $authority { SUCCESS {{BenchCertificates.HostName}}; }
          upstream service { server {{upstream}}; keepalive 64; keepalive_requests 1000000000; }
          ssl_certificate {{certificates.ServerCertificate}};
          ssl_certificate_key {{certificates.ServerKey}};
          ssl_client_certificate {{certificates.ClientCa}};
          ssl_verify_client on;
          ssl_protocols TLSv1.2 TLSv1.3;
          keepalive_requests 1000000000;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $host;
          proxy_set_header agent-mtls-authority $authority;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Proto https;
          server {
            listen @LISTEN0@ ssl;
            server_name {{BenchCertificates.HostName}};
            location / { proxy_pass http://service; }
          }
          server {
            listen @LISTEN1@ ssl;
            server_name {{BenchCertificates.HostName}};
            ssl_session_tickets off;
            location / { proxy_pass http://service; }
          }
        """;
}
