using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>CRLs made with the platform, not with our own code.</summary>
internal static class TestCrl
{
    /// <summary>DER of a list by <paramref name="ca"/>.</summary>
    /// <param name="ca">Certificate and key as PEM.</param>
    /// <param name="thisUpdate">When it was made.</param>
    /// <param name="number">CRL number.</param>
    /// <param name="life">From thisUpdate to nextUpdate; 30 days unless told.</param>
    /// <param name="revoked">Serial numbers on it.</param>
    public static byte[] Make((string Certificate, string Key) ca, DateTimeOffset thisUpdate, int number = 1, TimeSpan? life = null, params byte[][] revoked)
    {
        using var issuer = X509Certificate2.CreateFromPem(ca.Certificate, ca.Key);
        var builder = new CertificateRevocationListBuilder();
        foreach (var serial in revoked)
            builder.AddEntry(serial, thisUpdate);
        return builder.Build(issuer, new BigInteger(number), thisUpdate + (life ?? TimeSpan.FromDays(30)), HashAlgorithmName.SHA256, thisUpdate: thisUpdate);
    }

    public static string Pem(byte[] der) => PemEncoding.WriteString("X509 CRL", der);
}
