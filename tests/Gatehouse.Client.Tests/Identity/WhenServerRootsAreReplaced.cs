using System.Net;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Client.Tests;

/// <summary>The folder of server roots while connections are made.</summary>
public sealed class WhenServerRootsAreReplaced : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TestPki _old = new(), _new = new();
    private readonly List<string> _told = [];
    private readonly SecretFolder _roots;
    private readonly ClientIdentity _identity;

    public WhenServerRootsAreReplaced()
    {
        _roots = new SecretFolder(_folder.File("roots"));
        _roots.Put(("old.pem", _old.Ca.CertificatePem));
        _identity = ClientIdentity.Load(new IdentityFiles(null, null, _roots.Path), TimeProvider.System, _told.Add);
        _identity.Failed += _told.Add;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_under_the_new_root_is_believed_as_soon_as_it_is_there_and_one_under_the_old_as_long()
    {
        await using var before = await TestServer.StartAsync(context => context.Response.WriteAsync("before"), _old.Server("localhost"));
        await using var after = await TestServer.StartAsync(context => context.Response.WriteAsync("after"), _new.Server("localhost"));
        using var http = new AgentHttp(new AgentHttpOptions { Identity = _identity });
        Assert.Equal("before", await GetAsync(http, before.Address));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(http, after.Address));
        _roots.Put(("old.pem", _old.Ca.CertificatePem), ("new.pem", _new.Ca.CertificatePem));
        Assert.True(_identity.Check());
        Assert.Equal(("before", "after"), (await GetAsync(http, before.Address), await GetAsync(http, after.Address)));
        _roots.Put(("new.pem", _new.Ca.CertificatePem));
        Assert.True(_identity.Check());
        Assert.Equal("after", await GetAsync(http, after.Address));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(http, before.Address));
        Assert.Empty(_told);
        Assert.Equal((2, 1), (http.Unanswered, _identity.Material.Trust.ExtraRoots.Count));
    }

    [Fact]
    public void A_root_that_is_half_written_keeps_the_last_good_ones()
    {
        File.WriteAllText(_roots.File("old.pem"), _new.Ca.CertificatePem[..200]);
        Assert.False(_identity.Check() || _identity.Check());
        Assert.Contains($"The server roots of {_roots.File("old.pem")} cannot be used any more", Assert.Single(_told), StringComparison.Ordinal);
        Assert.EndsWith("What was read before stays in use.", _told[0], StringComparison.Ordinal);
        Assert.Equal(_old.Roots, _identity.Material.Trust.ExtraRoots);
        File.WriteAllText(_roots.File("old.pem"), _new.Ca.CertificatePem);
        Assert.True(_identity.Check());
        Assert.Equal(_new.Roots, _identity.Material.Trust.ExtraRoots);
    }

    [Fact]
    public void A_folder_without_any_keeps_the_last_good_ones()
    {
        _roots.Put();
        Assert.False(_identity.Check());
        Assert.Contains("holds no server root any more", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Equal(_old.Roots, _identity.Material.Trust.ExtraRoots);
        Directory.Delete(_roots.Path, recursive: true);
        Assert.False(_identity.Check());
        Assert.Single(_identity.Material.Trust.ExtraRoots);
    }

    [Fact]
    public void A_file_that_never_gave_a_root_stands_in_nobodys_way()
    {
        _roots.Put(("README", "These are our roots."), ("new.pem", _new.Ca.CertificatePem));
        Assert.True(_identity.Check());
        Assert.StartsWith($"{_roots.File("README")} was skipped as a source of server roots: ", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Equal(_new.Roots, _identity.Material.Trust.ExtraRoots);
    }

    [Fact]
    public void Pair_and_roots_are_one_unit()
    {
        var secret = new SecretFolder(_folder.File("mtls"));
        var (first, second) = (_old.Client("first"), _new.Client("second"));
        secret.Put(("client.crt", first.CertificatePem), ("client.key", first.PrivateKeyPem));
        var identity = ClientIdentity.Load(new IdentityFiles(secret.File("client.crt"), secret.File("client.key"), _roots.Path), TimeProvider.System, _told.Add);
        secret.Put(("client.crt", second.CertificatePem), ("client.key", second.PrivateKeyPem));
        File.WriteAllText(_roots.File("old.pem"), "-----BEGIN CERTIFICATE-----\nMIIB");
        Assert.False(identity.Check());
        Assert.Equal(("CN=first", "CN=second"), (identity.Current.Facts.Subject, identity.Report.OnDisk!.Subject));
        File.WriteAllText(_roots.File("old.pem"), _new.Ca.CertificatePem);
        Assert.True(identity.Check());
        Assert.Equal("CN=second", identity.Current.Facts.Subject);
        Assert.Equal(_new.Roots, identity.Material.Trust.ExtraRoots);
    }

    private static Task<string> GetAsync(AgentHttp http, Uri address) => http.UseAsync(async invoker =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11 };
        using var response = await invoker.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    });
}
