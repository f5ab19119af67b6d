using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki;
using Gatehouse.Testing;

namespace Gatehouse.Client.Tests;

/// <summary>A CA and what it issues, made for one test.</summary>
internal sealed class TestPki
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();

    public IssuedCertificate Ca { get; } = CertificateIssuer.CreateCa("/CN=Test Root", 10, KeyKind.EcP256, s_now);

    public X509Certificate2Collection Roots => [X509Certificate2.CreateFromPem(Ca.CertificatePem)];

    public IssuedCertificate Server(params string[] names) => CertificateIssuer.CreateServer(Ca.CertificatePem, Ca.PrivateKeyPem, names, 5, KeyKind.EcP256, s_now);

    public IssuedCertificate Client(string name = "client") => CertificateIssuer.CreateClient(Ca.CertificatePem, Ca.PrivateKeyPem, $"/CN={name}", null, 5, KeyKind.EcP256, s_now);

    /// <summary>Writes a pair and loads it.</summary>
    public static ClientIdentity Load(TemporaryDirectory folder, IssuedCertificate issued, TimeProvider time, string extraPem = "")
    {
        Write(folder, issued, extraPem);
        return ClientIdentity.Load(folder.File("client.crt"), folder.File("client.key"), time);
    }

    public static void Write(TemporaryDirectory folder, IssuedCertificate issued, string extraPem = "")
    {
        File.WriteAllText(folder.File("client.key"), issued.PrivateKeyPem);
        File.WriteAllText(folder.File("client.crt"), issued.CertificatePem + extraPem);
    }
}
