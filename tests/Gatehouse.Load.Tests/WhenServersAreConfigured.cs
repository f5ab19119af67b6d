using System.Net;
using System.Text.Json;

namespace Gatehouse.Load.Tests;

public sealed class WhenServersAreConfigured
{
    private static readonly IPEndPoint s_listen = IPEndPoint.Parse("127.0.0.1:8443"), s_upstream = IPEndPoint.Parse("127.0.0.1:8080");
    private static readonly ServerFiles s_server = new("/pki/server.crt", "/pki/server.key");
    private static readonly BenchAccount[] s_accounts = [new("/pki", 1), new("/pki", 2), new("/pki", 3)];

    [Fact]
    public void Nginx_has_a_server_block_for_each_account_that_trusts_its_CA()
    {
        var text = NginxConfigurations.Gateway(s_server, s_accounts, s_listen, s_upstream);
        var blocks = text.Split("server {").Skip(1).Where(block => block.Contains("server_name", StringComparison.Ordinal)).ToList();
        Assert.Equal(s_accounts.Length, blocks.Count);
        Assert.All(s_accounts.Zip(blocks), pair =>
        {
            Assert.Contains($"server_name {pair.First.HostName};", pair.Second, StringComparison.Ordinal);
            Assert.Contains($"ssl_client_certificate {pair.First.CaPath};", pair.Second, StringComparison.Ordinal);
        });
        Assert.Contains("ssl_verify_client on;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Haproxy_has_a_line_for_each_account_that_trusts_its_CA() => Assert.Equal(
        s_accounts.Select(account => $"/pki/both.pem [ca-file {account.CaPath} verify required] {account.HostName}"),
        HaproxyConfiguration.CrtList(s_accounts, "/pki/both.pem").Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Caddy_has_a_policy_for_each_account_that_requires_a_client_of_its_CA()
    {
        using var json = JsonDocument.Parse(CaddyConfiguration.Gateway(s_server, s_accounts, s_listen, s_upstream));
        var policies = json.RootElement.GetProperty("apps").GetProperty("http").GetProperty("servers").GetProperty("agents").GetProperty("tls_connection_policies");
        Assert.Equal(
            s_accounts.Select(account => (account.HostName, account.CaPath, "require_and_verify")),
            policies.EnumerateArray().Select(policy => (
                policy.GetProperty("match").GetProperty("sni")[0].GetString()!,
                policy.GetProperty("client_authentication").GetProperty("trusted_ca_certs_pem_files")[0].GetString()!,
                policy.GetProperty("client_authentication").GetProperty("mode").GetString()!)));
    }
}
