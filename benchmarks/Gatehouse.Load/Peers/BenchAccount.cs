using System.Globalization;
using System.Text;

namespace Gatehouse.Load;

/// <summary>One account of the benchmark: its names, its own CA, and the client that comes in for it.</summary>
internal sealed class BenchAccount
{
    private readonly Dictionary<int, TlsProfile> _profiles = [];

    /// <param name="folder">Where its certificates are.</param>
    /// <param name="number">Counted from 1.</param>
    public BenchAccount(string folder, int number)
        : this(
            string.Create(CultureInfo.InvariantCulture, $"bench{number:0000}"),
            NameOf(number),
            Path.Combine(folder, NameOf(number) + ".ca.crt"),
            Path.Combine(folder, NameOf(number) + ".crt"),
            Path.Combine(folder, NameOf(number) + ".key"))
    {
    }

    private BenchAccount(string id, string prefix, string caPath, string certificatePath, string keyPath)
    {
        (Id, Prefix, CaPath, CertificatePath, KeyPath) = (id, prefix, caPath, certificatePath, keyPath);
        HostName = Prefix + ".agent.localhost";
        RequestPath = $"/api/version/delegate?accountId={Id}";
        ExpectedBody = Encoding.ASCII.GetBytes($"authority={HostName} account={Id}\n");
        KeepRequest = Encoding.ASCII.GetBytes($"GET {RequestPath} HTTP/1.1\r\nHost: {HostName}\r\n\r\n");
        CloseRequest = Encoding.ASCII.GetBytes($"GET {RequestPath} HTTP/1.1\r\nHost: {HostName}\r\nConnection: close\r\n\r\n");
    }

    public string Id { get; }
    public string Prefix { get; }
    public string HostName { get; }
    public string CaPath { get; }
    public string CertificatePath { get; }
    public string KeyPath { get; }
    public string RequestPath { get; }

    /// <summary>The whole body that the upstream answers when, and only when, the gateway told it of a verified client certificate of this account.</summary>
    public byte[] ExpectedBody { get; }

    public byte[] KeepRequest { get; }
    public byte[] CloseRequest { get; }

    /// <summary>Another account that has the same CA, and so the same client.</summary>
    public BenchAccount Twin(string id, string prefix) => new(id, prefix, CaPath, CertificatePath, KeyPath);

    /// <summary>The client's TLS: its certificate and one version (<see cref="Libssl.Tls12"/>, <see cref="Libssl.Tls13"/>); made once.</summary>
    public TlsProfile Profile(int version)
    {
        lock (_profiles)
            return _profiles.TryGetValue(version, out var made) ? made : _profiles[version] = new TlsProfile(version, CertificatePath, KeyPath);
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"c{number:0000}");
}
