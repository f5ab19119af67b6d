using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki;
using Gatehouse.Server.Hosting;

namespace Gatehouse.Server.Certificates;

/// <summary>
/// A server certificate for those who brought none: a root of this data directory's own (<c>server-ca.crt</c>) and a certificate for
/// every name of the agent listener, made anew at a start when names changed or its end is near.
/// </summary>
internal static class DevelopmentCertificates
{
    private const int RootDays = 3650;
    private const int ServerDays = 397;
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromDays(90);

    /// <summary>Paths of the certificate, its key and the root to trust.</summary>
    internal sealed record Paths(string Certificate, string Key, string Root);

    /// <summary>Makes what is missing and returns where it is.</summary>
    public static Paths Ensure(string dataDirectory, string agentDomain, IEnumerable<string> sharedHosts, DateTimeOffset now)
    {
        var paths = new Paths(
            Path.Combine(dataDirectory, "server.crt"), Path.Combine(dataDirectory, "server.key"), Path.Combine(dataDirectory, "server-ca.crt"));
        var rootKey = Path.Combine(dataDirectory, "server-ca.key");
        if (!File.Exists(paths.Root) || !File.Exists(rootKey))
        {
            var root = CertificateIssuer.CreateCa($"/O=Gatehouse/CN=Gatehouse development server CA", RootDays, KeyKind.EcP256, now);
            DataDirectory.WriteFile(rootKey, root.PrivateKeyPem);
            DataDirectory.WriteFile(paths.Root, root.CertificatePem, isPublic: true);
            File.Delete(paths.Certificate);
        }

        string[] names = [$"*.{agentDomain}", .. sharedHosts, "127.0.0.1", "::1"];
        if (!IsGood(paths, names, now))
        {
            var server = CertificateIssuer.CreateServer(File.ReadAllText(paths.Root), File.ReadAllText(rootKey), names, ServerDays, KeyKind.EcP256, now);
            DataDirectory.WriteFile(paths.Key, server.PrivateKeyPem);
            DataDirectory.WriteFile(paths.Certificate, server.CertificatePem, isPublic: true);
        }
        return paths;
    }

    private static bool IsGood(Paths paths, string[] names, DateTimeOffset now)
    {
        if (!File.Exists(paths.Certificate) || !File.Exists(paths.Key))
            return false;
        try
        {
            using var root = X509Certificate2.CreateFromPem(File.ReadAllText(paths.Root));
            using var certificate = X509Certificate2.CreateFromPemFile(paths.Certificate, paths.Key);
            var san = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            var covered = san is null ? [] : san.EnumerateDnsNames().Concat(san.EnumerateIPAddresses().Select(a => a.ToString())).ToHashSet();
            return certificate.Issuer == root.Subject && covered.SetEquals(names) && certificate.NotAfter.ToUniversalTime() - now > s_renewBefore;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
