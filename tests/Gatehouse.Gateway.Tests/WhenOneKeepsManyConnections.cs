using Gatehouse.Contracts;
using Gatehouse.Gateway.Tests.Forwarding;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests;

/// <summary>Connections are bounded by the limit of open files: whoever keeps as many as there are leaves room for others.</summary>
public sealed class WhenOneKeepsManyConnections(RecipePki pki) : IAsyncLifetime
{
    /// <summary>Of these, half are for those who are not in yet, and four fifths of the other half for one.</summary>
    private const int Connections = 40, Share = 16;

    private readonly List<AgentClient> _open = [];
    private AgentListener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => new GatewayOptions
        {
            AgentDomain = o.AgentDomain,
            SharedHosts = o.SharedHosts,
            CertificatePath = o.CertificatePath,
            CertificateKeyPath = o.CertificateKeyPath,
            MaxConnections = Connections,
        });
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        await _listener.SetAsync("acc2", "customer2", MtlsMode.LOOSE, pki.OtherCa.CertificatePem);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _open)
            await client.DisposeAsync();
        await _listener.DisposeAsync();
    }

    [Fact]
    public async Task One_account_cannot_keep_another_out()
    {
        await FillAsync(pki.Client);
        Assert.Equal(200, await StatusAsync("customer2.agent.test", pki.OtherClient));
        Assert.Equal(200, await StatusAsync(AgentListener.SharedHost, null));
        // One more of the account is turned away before its handshake, and the operator reads why.
        Assert.Equal(0, await StatusAsync("customer1.agent.test", pki.Client));
        var refusal = await _listener.OnlyRefusalAsync();
        Assert.Equal((RefusalCode.RateLimited, "acc1"), (refusal.Code, refusal.AccountId));
        Assert.Contains("kept for others", refusal.Message, StringComparison.Ordinal);

        await _open[0].DisposeAsync();
        await Eventually.TrueAsync("room again", async () => await StatusAsync("customer1.agent.test", pki.Client) == 200);
    }

    [Fact]
    public async Task Who_has_no_certificate_cannot_keep_out_who_has_one()
    {
        await FillAsync(null);
        Assert.Equal(200, await StatusAsync("customer1.agent.test", pki.Client));
        Assert.Equal(200, await StatusAsync("customer2.agent.test", pki.OtherClient));
        // At an endpoint it shows only after the handshake that none comes: answered there, turned away at the shared host.
        Assert.Equal(403, await StatusAsync("customer1.agent.test", null));
        Assert.Equal(0, await StatusAsync(AgentListener.SharedHost, null));
        await Eventually.TrueAsync("both refusals", () => Task.FromResult(_listener.Refusals.Count >= 2));
        Assert.All(_listener.Refusals, refusal => Assert.Equal(RefusalCode.RateLimited, refusal.Code));
        Assert.Equal(2, _listener.Refusals.Count);
    }

    private async Task FillAsync(OpenSsl.Pair? identity)
    {
        while (_open.Count < Share)
        {
            _open.Add(await AgentClient.ConnectAsync(_listener, identity));
            await _open[^1].SendAsync("GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await _open[^1].ReadHeadAsync(), StringComparison.Ordinal);
        }
    }

    private async Task<int> StatusAsync(string host, OpenSsl.Pair? identity) => (await _listener.Curl.GetAsync(host, "/", identity)).Status;
}
