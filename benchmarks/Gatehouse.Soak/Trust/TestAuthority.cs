using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Soak.Trust;

/// <summary>A CA of the run, made by the platform and not by the product; P-256, so that a client costs little.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2", ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly X509Certificate2 _certificate;
    private readonly string _folder;
    private int _issued;

    public TestAuthority(string name, string folder, DateTimeOffset now)
    {
        Name = name;
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"O=Gatehouse soak, CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _certificate = request.CreateSelfSigned(now.AddDays(-2), now.AddDays(30));
        Pem = _certificate.ExportCertificatePem();
    }

    public string Name { get; }
    public string Pem { get; }

    /// <summary>A client certificate in files of its own; valid from two days ago.</summary>
    public IssuedFiles IssueClient(string name, DateTimeOffset notAfter) => Issue($"O=Gatehouse soak, CN={name}", ClientAuthentication, null, notAfter);

    /// <summary>A server certificate for all names below <paramref name="domain"/> and the shared hosts.</summary>
    public IssuedFiles IssueServer(string domain, DateTimeOffset notAfter) => Issue($"CN={domain}", ServerAuthentication, domain, notAfter);

    private IssuedFiles Issue(string subject, string purpose, string? domain, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (domain is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("*." + domain);
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }
        using var signed = request.Create(_certificate, notAfter.AddDays(-1), notAfter, RandomNumberGenerator.GetBytes(12));
        var path = Path.Combine(_folder, $"{Name}-{Interlocked.Increment(ref _issued)}");
        File.WriteAllText(path + ".crt", signed.ExportCertificatePem());
        File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
        return new IssuedFiles(path + ".crt", path + ".key", signed.RawData, new DateTimeOffset(signed.NotAfter.ToUniversalTime(), TimeSpan.Zero));
    }

    public void Dispose() => _certificate.Dispose();
}

/// <summary>A certificate and its key as PEM files.</summary>
internal sealed record IssuedFiles(string Certificate, string Key, byte[] Der, DateTimeOffset NotAfter)
{
    public void Delete()
    {
        File.Delete(Certificate);
        File.Delete(Key);
    }
}
