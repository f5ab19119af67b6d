using System.Globalization;
using System.Net;
using System.Text;

namespace Gatehouse.Load;

/// <summary>What nginx is told, as upstream and as the peer. Whatever is not here is nginx's default.</summary>
internal static class NginxConfigurations
{
    /// <summary>The file around what goes into <c>http { }</c>.</summary>
    public static string Whole(string http) => $$"""
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log stderr warn;
        events { worker_connections 8192; }
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
        {{http}}
        }

        """;

    /// <summary>
    /// The service behind both gateways. It repeats the authority it was told, so that an answer proves a verified client certificate: only the
    /// server under test sets that header, and only after it verified one.
    /// </summary>
    public static string Upstream(IPEndPoint listen) => $$"""
          keepalive_requests 1000000000;
          server {
            listen {{listen}};
            location / { default_type text/plain; return 200 "authority=$http_agent_mtls_authority account=$arg_accountId\n"; }
          }
        """;

    /// <summary>
    /// A dedicated endpoint for each account as nginx documents it: a server block each, which trusts its own CA and shares the certificate.
    /// <c>keepalive_requests</c> (default 1,000) and <c>keepalive_timeout</c> (75 s) are raised, as kept connections are what is measured;
    /// TLS 1.3 is not among the defaults of 1.22; the hash of names is as large as nginx asks for when it is not.
    /// </summary>
    public static string Gateway(ServerFiles server, IReadOnlyList<BenchAccount> accounts, IPEndPoint listen, IPEndPoint upstream)
    {
        var text = new StringBuilder($$"""
              map $ssl_client_verify $authority { SUCCESS $server_name; }
              upstream service { server {{upstream}}; keepalive 64; keepalive_requests 1000000000; }
              server_names_hash_max_size {{Math.Max(512, accounts.Count * 4)}};
              ssl_certificate {{server.Certificate}};
              ssl_certificate_key {{server.Key}};
              ssl_verify_client on;
              ssl_protocols TLSv1.2 TLSv1.3;
              keepalive_requests 1000000000;
              keepalive_timeout 600s;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
              proxy_set_header agent-mtls-authority $authority;
              proxy_set_header X-Forwarded-For $remote_addr;
              proxy_set_header X-Forwarded-Proto https;

            """);
        foreach (var account in accounts)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                  server {
                    listen {{listen}} ssl http2;
                    server_name {{account.HostName}};
                    ssl_client_certificate {{account.CaPath}};
                    location / { proxy_pass http://service; }
                  }

                """);
        }
        return text.ToString();
    }
}
