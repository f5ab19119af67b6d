using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Load;

/// <summary>
/// The certificates of one run, made by the platform and not by the product: an account's CA with a 2048-bit RSA key, as the documented
/// recipe makes it; a client and a server certificate with P-256 keys.
/// </summary>
internal sealed class BenchCertificates
{
    public const string HostName = "customer1.agent.localhost";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private BenchCertificates(string folder, X509Certificate2 client, X509Certificate2 stranger, byte[] server)
    {
        Folder = folder;
        Client = SslStreamCertificateContext.Create(client, null, offline: true);
        Stranger = SslStreamCertificateContext.Create(stranger, null, offline: true);
        ServerDer = server;
    }

    public string Folder { get; }
    public string ClientCa => Path.Combine(Folder, "client-ca.crt");
    public string ServerCaFolder => Path.Combine(Folder, "server-ca");
    public string ServerCertificate => Path.Combine(Folder, "server.crt");
    public string ServerKey => Path.Combine(Folder, "server.key");
    public string ClientCertificate => Path.Combine(Folder, "client.crt");
    public string ClientKey => Path.Combine(Folder, "client.key");

    /// <summary>What the generator presents.</summary>
    public SslStreamCertificateContext Client { get; }

    /// <summary>A certificate of a CA that no endpoint trusts, for the control.</summary>
    public SslStreamCertificateContext Stranger { get; }

    /// <summary>The one server certificate that the generator accepts.</summary>
    public byte[] ServerDer { get; }

    /// <summary>Makes them all below <paramref name="folder"/>, which must be the caller's alone.</summary>
    public static BenchCertificates Create(string folder, DateTimeOffset now)
    {
        using var clientCa = NewCa("O=Gatehouse benchmark, CN=Account CA", now);
        using var strangerCa = NewCa("O=Gatehouse benchmark, CN=Stranger CA", now);
        using var serverCa = NewCa("O=Gatehouse benchmark, CN=Server CA", now);
        using var server = NewLeaf(serverCa, "CN=agent.localhost", ServerAuthentication, "*.agent.localhost", now);
        var client = NewLeaf(clientCa, "O=Gatehouse benchmark, CN=client", ClientAuthentication, null, now);
        var stranger = NewLeaf(strangerCa, "O=Gatehouse benchmark, CN=stranger", ClientAuthentication, null, now);

        var made = new BenchCertificates(folder, client, stranger, server.RawData);
        Directory.CreateDirectory(made.ServerCaFolder);
        File.WriteAllText(made.ClientCa, clientCa.ExportCertificatePem());
        File.WriteAllText(Path.Combine(made.ServerCaFolder, "server-ca.crt"), serverCa.ExportCertificatePem());
        Write(server, made.ServerCertificate, made.ServerKey);
        Write(client, made.ClientCertificate, made.ClientKey);
        return made;
    }

    private static X509Certificate2 NewCa(string subject, DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(30));
    }

    private static X509Certificate2 NewLeaf(X509Certificate2 ca, string subject, string purpose, string? dnsName, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
        }
        using var caKey = ca.GetRSAPrivateKey()!;
        using var signed = request.Create(
            ca.SubjectName, X509SignatureGenerator.CreateForRSA(caKey, RSASignaturePadding.Pkcs1), now.AddMinutes(-5), now.AddDays(29), RandomNumberGenerator.GetBytes(12));
        return signed.CopyWithPrivateKey(key);
    }

    private static void Write(X509Certificate2 certificate, string path, string keyPath)
    {
        File.WriteAllText(path, certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
    }
}
