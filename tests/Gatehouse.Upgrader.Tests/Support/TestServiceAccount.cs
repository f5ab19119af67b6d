using Gatehouse.Pki;

namespace Gatehouse.Upgrader.Tests.Support;

/// <summary>The files of a service account, without a cluster behind them.</summary>
internal static class TestServiceAccount
{
    public static string In(string directory)
    {
        var folder = Directory.CreateDirectory(Path.Combine(directory, "serviceaccount")).FullName;
        File.WriteAllText(Path.Combine(folder, "token"), "token\n");
        File.WriteAllText(Path.Combine(folder, "namespace"), "delegates");
        File.WriteAllText(Path.Combine(folder, "ca.crt"), CertificateIssuer.CreateCa("/CN=kubernetes", 1, KeyKind.EcP256, TimeProvider.System.GetUtcNow()).CertificatePem);
        return folder;
    }
}
