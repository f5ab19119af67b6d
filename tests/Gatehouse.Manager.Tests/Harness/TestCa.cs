using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>Certificates made with the platform, not with our own code.</summary>
internal static class TestCa
{
    private static readonly DateTimeOffset s_from = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A usable CA.</summary>
    public static string Pem => Main.Certificate;

    /// <summary>The usable CA with its key, for CRLs.</summary>
    public static (string Certificate, string Key) Main { get; } = Make("CN=CA Cert, O=Example ORG", isCa: true, s_from.AddYears(20));

    /// <summary>Another CA of the same name.</summary>
    public static (string Certificate, string Key) SameName { get; } = Make("CN=CA Cert, O=Example ORG", isCa: true, s_from.AddYears(20));

    public static string OtherPem { get; } = Make("CN=Other CA", isCa: true, s_from.AddYears(20)).Certificate;

    public static string ExpiredPem { get; } = Make("CN=Old CA", isCa: true, s_from.AddDays(1)).Certificate;

    public static (string Certificate, string Key) WithKey { get; } = Make("CN=Key CA", isCa: true, s_from.AddYears(20));

    public static string LeafPem { get; } = Make("CN=leaf", isCa: false, s_from.AddYears(20)).Certificate;

    /// <summary>One more usable CA.</summary>
    public static (string Certificate, string Key) New(string subject) => Make(subject, isCa: true, s_from.AddYears(20));

    private static (string Certificate, string Key) Make(string subject, bool isCa, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(s_from, notAfter);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
