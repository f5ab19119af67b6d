using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Load;

/// <summary>PEM files of the certificate that all servers share, and of its key.</summary>
internal sealed record ServerFiles(string Certificate, string Key);

/// <summary>
/// The certificates, made by the platform and not by the product: for each account a CA of its own with an RSA 2048 key, as the documented
/// recipe makes it, and a client certificate with a P-256 key; one server certificate with a P-256 key. Kept between runs.
/// </summary>
internal sealed class BenchCertificates
{
    public const int MaxAccounts = 1000;

    /// <summary>The server certificate is good for each account's name.</summary>
    private const string ServerName = "*.agent.localhost";

    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Written last, so that a set which was broken off is never taken for whole.</summary>
    private const string WholeFile = "whole";

    private static readonly TimeSpan s_validity = TimeSpan.FromDays(30);
    private readonly string _folder;

    private BenchCertificates(string folder, int accounts)
    {
        _folder = folder;
        Accounts = [.. Enumerable.Range(1, accounts).Select(number => new BenchAccount(folder, number))];
        using var server = X509CertificateLoader.LoadCertificateFromFile(Server.Certificate);
        ServerDer = server.RawData;
    }

    public IReadOnlyList<BenchAccount> Accounts { get; }

    public string ServerCaFolder => Path.Combine(_folder, "server-ca");
    public ServerFiles Server => new(Path.Combine(_folder, "server.crt"), Path.Combine(_folder, "server.key"));

    /// <summary>The one server certificate that the generator accepts.</summary>
    public byte[] ServerDer { get; }

    /// <summary>A client of a CA that no account trusts, for the control.</summary>
    public TlsProfile Stranger(int version) => new(version, Path.Combine(_folder, "stranger.crt"), Path.Combine(_folder, "stranger.key"));

    /// <summary>Those of <paramref name="folder"/>; made there when they are missing, incomplete or within two days of their end.</summary>
    /// <param name="folder">The benchmark's alone.</param>
    /// <param name="accounts">How many of the accounts to use, at most <see cref="MaxAccounts"/>.</param>
    /// <param name="now">The time of the run.</param>
    public static BenchCertificates Open(string folder, int accounts, DateTimeOffset now)
    {
        var whole = Path.Combine(folder, WholeFile);
        if (!File.Exists(whole) || DateTimeOffset.Parse(File.ReadAllText(whole), CultureInfo.InvariantCulture) < now.AddDays(2))
        {
            BenchContext.Say($"Making {MaxAccounts} accounts' CAs and client certificates in {folder}");
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            Make(folder, now);
            File.WriteAllText(whole, now.Add(s_validity).ToString("O", CultureInfo.InvariantCulture));
        }
        return new BenchCertificates(folder, accounts);
    }

    private static void Make(string folder, DateTimeOffset now)
    {
        var keys = new RsaKeyPool(MaxAccounts + 2);
        for (var number = 1; number <= MaxAccounts; number++)
        {
            var account = new BenchAccount(folder, number);
            using var key = keys.Take();
            using var ca = NewCa(key, $"O={account.Id}, CN=Account CA", now);
            File.WriteAllText(account.CaPath, ca.ExportCertificatePem());
            WriteLeaf(ca, $"O={account.Id}, CN=client", ClientAuthentication, null, now, account.CertificatePath, account.KeyPath);
        }
        using (var key = keys.Take())
        using (var ca = NewCa(key, "O=nobody, CN=Stranger CA", now))
            WriteLeaf(ca, "O=nobody, CN=stranger", ClientAuthentication, null, now, Path.Combine(folder, "stranger.crt"), Path.Combine(folder, "stranger.key"));
        using (var key = keys.Take())
        using (var ca = NewCa(key, "O=Gatehouse benchmark, CN=Server CA", now))
        {
            Directory.CreateDirectory(Path.Combine(folder, "server-ca"));
            File.WriteAllText(Path.Combine(folder, "server-ca", "server-ca.crt"), ca.ExportCertificatePem());
            WriteLeaf(ca, "CN=agent.localhost", ServerAuthentication, ServerName, now, Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
        }
    }

    private static X509Certificate2 NewCa(RSA key, string subject, DateTimeOffset now)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now.AddMinutes(-5), now.Add(s_validity).AddDays(1));
    }

    private static void WriteLeaf(X509Certificate2 ca, string subject, string purpose, string? dnsName, DateTimeOffset now, string path, string keyPath)
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
            ca.SubjectName, X509SignatureGenerator.CreateForRSA(caKey, RSASignaturePadding.Pkcs1), now.AddMinutes(-5), now.Add(s_validity), RandomNumberGenerator.GetBytes(12));
        File.WriteAllText(path, signed.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
    }
}
