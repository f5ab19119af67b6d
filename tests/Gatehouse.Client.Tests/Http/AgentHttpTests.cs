using System.Net;
using System.Security.Authentication;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Client.Tests;

public sealed class AgentHttpTests : IDisposable
{
    private static readonly RequestDelegate s_subject = context => context.Response.WriteAsync(context.Connection.ClientCertificate?.Subject ?? "nobody");
    private readonly TemporaryDirectory _folder = new();
    private readonly TestPki _pki = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_whole_chain_is_sent()
    {
        var openssl = new OpenSsl(_folder.Path);
        var root = await openssl.CreateCaAsync();
        var intermediate = await openssl.CreateIntermediateAsync(root);
        var client = await openssl.CreateClientAsync(intermediate);
        File.WriteAllText(_folder.File("chain.crt"), client.CertificatePem + intermediate.CertificatePem);
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("localhost"));
        using var http = Http(ClientIdentity.Load(_folder.File("chain.crt"), client.Key, TimeProvider.System));
        Assert.Equal("CN=Client, O=Example ORG", await GetAsync(http, server.Address));
        Assert.Equal(["CN=Client, O=Example ORG", "CN=Intermediate, O=Example ORG"], server.Sent);
    }

    [Fact]
    public async Task After_a_rotation_the_next_request_shows_the_new_certificate()
    {
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("localhost"));
        var identity = TestPki.Load(_folder, _pki.Client("one"), TimeProvider.System);
        using var http = Http(identity);
        Assert.Equal("CN=one", await GetAsync(http, server.Address));
        TestPki.Write(_folder, _pki.Client("two"));
        Assert.True(identity.Check());
        Assert.Equal("CN=two", await GetAsync(http, server.Address));
    }

    [Fact]
    public async Task An_exchange_under_way_survives_a_rotation()
    {
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("first ");
                await gate.Task;
                await context.Response.WriteAsync("second");
            }, _pki.Server("localhost"));
        var identity = TestPki.Load(_folder, _pki.Client("one"), TimeProvider.System);
        using var http = Http(identity);
        var slow = GetAsync(http, server.Address);
        TestPki.Write(_folder, _pki.Client("two"));
        Assert.True(identity.Check());
        await http.UseAsync(_ => Task.FromResult(0));
        gate.SetResult();
        Assert.Equal("first second", await slow);
    }

    /// <summary>Lent before a rotation and begun after it: the old pool must still be there.</summary>
    [Fact]
    public async Task An_exchange_that_is_about_to_begin_survives_a_rotation()
    {
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("localhost"));
        var identity = TestPki.Load(_folder, _pki.Client("one"), TimeProvider.System);
        using var http = Http(identity);
        var shown = await http.UseAsync(async invoker =>
        {
            TestPki.Write(_folder, _pki.Client("two"));
            Assert.True(identity.Check());
            Assert.Equal("CN=two", await GetAsync(http, server.Address));
            using var request = new HttpRequestMessage(HttpMethod.Get, server.Address) { Version = HttpVersion.Version11 };
            using var response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        });
        Assert.Equal("CN=one", shown);
        Assert.Equal((2, 0), (http.Answered, http.Unanswered));
    }

    [Fact]
    public async Task Names_below_localhost_are_loopback()
    {
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("*.agent.localhost"));
        using var http = Http(null);
        Assert.Equal("nobody", await GetAsync(http, new Uri($"https://customer1.agent.localhost:{server.Address.Port}/")));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_refused_certificate_is_explained_with_its_own_facts(SslProtocols protocol)
    {
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("localhost"), _ => false, protocol);
        var identity = TestPki.Load(_folder, _pki.Client("me"), TimeProvider.System);
        using var http = Http(identity);
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => GetAsync(http, server.Address));
        var fault = ConnectionFaults.Explain(thrown, server.Address, identity.Current);
        Assert.Equal(ConnectionFaultKind.ClosedBeforeAnswer, fault.Kind);
        Assert.Contains("usually means the gateway refused the client certificate (subject “CN=me”, serial " + identity.Current.Facts.SerialNumber, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_the_certificate_lacks_is_told_with_the_names_it_has()
    {
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("other.localhost"));
        using var http = Http(null);
        var fault = await FaultAsync(http, server.Address);
        Assert.Equal(ConnectionFaultKind.ServerNotTrusted, fault.Kind);
        Assert.Contains("is for another name", fault.Message, StringComparison.Ordinal);
        Assert.Contains("other.localhost", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_issuer_is_named_with_the_place_for_its_root()
    {
        await using var server = await TestServer.StartAsync(s_subject, _pki.Server("localhost"));
        using var http = new AgentHttp(new AgentHttpOptions());
        var fault = await FaultAsync(http, server.Address);
        Assert.Equal(ConnectionFaultKind.ServerNotTrusted, fault.Kind);
        Assert.Contains("Test Root", fault.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_away_is_told_apart()
    {
        using var http = Http(null);
        Assert.Equal(ConnectionFaultKind.NotReachable, (await FaultAsync(http, new Uri("http://127.0.0.1:1/"))).Kind);
        Assert.Equal(ConnectionFaultKind.NameNotFound, (await FaultAsync(http, new Uri("http://no-such-name.invalid/"))).Kind);
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var closed = await FaultAsync(http, server.Address);
        Assert.Equal(ConnectionFaultKind.ClosedBeforeAnswer, closed.Kind);
        Assert.True(closed.IsServerAway);
    }

    private AgentHttp Http(ClientIdentity? identity) => new(new AgentHttpOptions { Identity = identity, Trust = ServerTrust.With(_pki.Roots) });

    private static Task<string> GetAsync(AgentHttp http, Uri address) => http.UseAsync(async invoker =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11 };
        using var response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    });

    private static async Task<ConnectionFailedException> FaultAsync(AgentHttp http, Uri address) =>
        ConnectionFaults.Explain(await Assert.ThrowsAnyAsync<Exception>(() => GetAsync(http, address)), address, null);
}
