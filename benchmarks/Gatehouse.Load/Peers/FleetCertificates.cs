using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Load;

/// <summary>One account's agents, each with a certificate of its own (all P-256), and a CA of the same name with another key, as when somebody makes the CA anew.</summary>
internal sealed class FleetCertificates
{
    private readonly string _folder;

    private FleetCertificates(string folder, string ca, string otherCa, int count) => (_folder, CaPem, OtherCaPem, Count) = (folder, ca, otherCa, count);

    public string CaPem { get; }
    public string OtherCaPem { get; }
    public int Count { get; }

    /// <summary>A client; to be disposed of when its connections are open.</summary>
    public TlsProfile Client(int number, int version) => new(version, PathOf(number, "crt"), PathOf(number, "key"));

    /// <summary>Makes them in a folder of their own.</summary>
    public static FleetCertificates Make(string folder, int count, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ca = NewCa(key, now);
        using var otherCa = NewCa(otherKey, now);
        var fleet = new FleetCertificates(folder, ca.ExportCertificatePem(), otherCa.ExportCertificatePem(), count);
        for (var number = 0; number < count; number++)
        {
            using var clientKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest(string.Create(CultureInfo.InvariantCulture, $"O=fleet, CN=agent {number}"), clientKey, HashAlgorithmName.SHA256);
            using var client = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now.AddMinutes(-5), now.AddDays(1), RandomNumberGenerator.GetBytes(12));
            File.WriteAllText(fleet.PathOf(number, "crt"), client.ExportCertificatePem());
            File.WriteAllText(fleet.PathOf(number, "key"), clientKey.ExportPkcs8PrivateKeyPem());
        }
        return fleet;
    }

    private static X509Certificate2 NewCa(ECDsa key, DateTimeOffset now)
    {
        var request = new CertificateRequest("O=fleet, CN=Account CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(2));
    }

    private string PathOf(int number, string kind) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{number}.{kind}"));
}
