using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gatehouse.Load;

/// <summary>What Caddy is told as a peer. Whatever is not here is Caddy's default.</summary>
internal static class CaddyConfiguration
{
    /// <summary>
    /// A dedicated endpoint for each account: a TLS connection policy each, matched by name, that requires a client of the account's own CA. As
    /// every connection is of such a policy, the name is told to the upstream without a further condition.
    /// </summary>
    public static string Gateway(ServerFiles server, IReadOnlyList<BenchAccount> accounts, IPEndPoint listen, IPEndPoint upstream)
    {
        var proxy = new JsonObject
        {
            ["handler"] = "reverse_proxy",
            ["upstreams"] = new JsonArray(new JsonObject { ["dial"] = upstream.ToString() }),
            ["headers"] = new JsonObject
            {
                ["request"] = new JsonObject { ["set"] = new JsonObject { ["Agent-Mtls-Authority"] = new JsonArray("{http.request.tls.server_name}") } },
            },
        };
        var agents = new JsonObject
        {
            ["listen"] = new JsonArray(listen.ToString()),
            ["protocols"] = new JsonArray("h1", "h2"),
            ["automatic_https"] = new JsonObject { ["disable"] = true },
            ["tls_connection_policies"] = new JsonArray([.. accounts.Select(Policy)]),
            ["routes"] = new JsonArray(new JsonObject { ["handle"] = new JsonArray(proxy) }),
        };
        var files = new JsonObject { ["certificate"] = server.Certificate, ["key"] = server.Key };
        return new JsonObject
        {
            ["admin"] = new JsonObject { ["disabled"] = true },
            ["logging"] = new JsonObject { ["logs"] = new JsonObject { ["default"] = new JsonObject { ["level"] = "ERROR" } } },
            ["apps"] = new JsonObject
            {
                ["http"] = new JsonObject { ["servers"] = new JsonObject { ["agents"] = agents } },
                ["tls"] = new JsonObject { ["certificates"] = new JsonObject { ["load_files"] = new JsonArray(files) } },
            },
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonNode Policy(BenchAccount account) => new JsonObject
    {
        ["match"] = new JsonObject { ["sni"] = new JsonArray(account.HostName) },
        ["client_authentication"] = new JsonObject
        {
            ["trusted_ca_certs_pem_files"] = new JsonArray(account.CaPath),
            ["mode"] = "require_and_verify",
        },
    };
}
