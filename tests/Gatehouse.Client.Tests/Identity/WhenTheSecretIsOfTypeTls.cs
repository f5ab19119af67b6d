using Gatehouse.Testing;

namespace Gatehouse.Client.Tests;

/// <summary>Secrets of type <c>kubernetes.io/tls</c>, as cert-manager makes them, at a delegate that was told the documented names.</summary>
public sealed class WhenTheSecretIsOfTypeTls : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TestPki _pki = new();
    private readonly SecretFolder _secret;

    public WhenTheSecretIsOfTypeTls() => _secret = new SecretFolder(_folder.File("mtls"));

    private IdentityFiles Documented => new(_secret.File("client.crt"), _secret.File("client.key"), _folder.File("roots"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Its_names_are_found_and_its_ca_is_a_server_root()
    {
        var pair = _pki.Client("cert-manager");
        _secret.Put(("tls.crt", pair.CertificatePem), ("tls.key", pair.PrivateKeyPem), ("ca.crt", _pki.Ca.CertificatePem));
        var identity = ClientIdentity.Load(Documented, TimeProvider.System, Assert.Fail);
        Assert.Equal("CN=cert-manager", identity.Current.Facts.Subject);
        Assert.Equal(_pki.Roots, identity.Material.Trust.ExtraRoots);
    }

    [Fact]
    public void The_documented_names_go_first_and_a_ca_beside_them_is_no_server_root()
    {
        var (documented, other) = (_pki.Client("documented"), _pki.Client("other"));
        _secret.Put(
            ("client.crt", documented.CertificatePem), ("client.key", documented.PrivateKeyPem),
            ("tls.crt", other.CertificatePem), ("tls.key", other.PrivateKeyPem), ("ca.crt", _pki.Ca.CertificatePem));
        var identity = ClientIdentity.Load(Documented, TimeProvider.System, Assert.Fail);
        Assert.Equal("CN=documented", identity.Current.Facts.Subject);
        Assert.Empty(identity.Material.Trust.ExtraRoots);
    }

    [Fact]
    public void Half_a_documented_pair_is_not_completed_from_the_other()
    {
        var pair = _pki.Client();
        _secret.Put(("client.crt", pair.CertificatePem), ("tls.crt", pair.CertificatePem), ("tls.key", pair.PrivateKeyPem));
        var failure = Assert.Throws<ClientIdentityException>(() => ClientIdentity.Load(Documented, TimeProvider.System, Assert.Fail));
        Assert.Contains("client.key cannot be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_type_may_follow_on_the_other_while_it_runs()
    {
        var (one, two) = (_pki.Client("one"), _pki.Client("two"));
        _secret.Put(("client.crt", one.CertificatePem), ("client.key", one.PrivateKeyPem));
        var identity = ClientIdentity.Load(Documented, TimeProvider.System, Assert.Fail);
        _secret.Put(("tls.crt", two.CertificatePem), ("tls.key", two.PrivateKeyPem));
        Assert.True(identity.Check());
        Assert.Equal("CN=two", identity.Current.Facts.Subject);
    }
}
