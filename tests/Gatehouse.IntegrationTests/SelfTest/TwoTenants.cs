using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>What two tenants and a gateway of another make have in files: CAs, client certificates, a server certificate for both names.</summary>
internal sealed class TwoTenants : IDisposable
{
    public const string First = "customer1.agent.localhost", Second = "customer2.agent.localhost", Shared = "gatehouse.localhost";

    public TemporaryDirectory Directory { get; } = new();
    public OpenSsl.Pair FirstCa { get; private set; } = null!;
    public OpenSsl.Pair FirstClient { get; private set; } = null!;
    public OpenSsl.Pair SecondCa { get; private set; } = null!;
    public OpenSsl.Pair SecondClient { get; private set; } = null!;
    public OpenSsl.Pair Server { get; private set; } = null!;
    public int Port { get; } = FreePorts.Next();

    public static async Task<TwoTenants> CreateAsync()
    {
        var tenants = new TwoTenants();
        var openSsl = new OpenSsl(tenants.Directory.Path);
        tenants.FirstCa = await openSsl.CreateCaAsync("ca1", "/O=First/CN=CA");
        tenants.SecondCa = await openSsl.CreateCaAsync("ca2", "/O=Second/CN=CA");
        tenants.FirstClient = await openSsl.CreateClientAsync(tenants.FirstCa, "client1");
        tenants.SecondClient = await openSsl.CreateClientAsync(tenants.SecondCa, "client2");
        tenants.Server = new OpenSsl.Pair(tenants.Directory.File("server.crt"), tenants.Directory.File("server.key"));
        await CommandLine.MustAsync("openssl", "req", "-x509", "-sha256", "-nodes", "-days", "30", "-newkey", "rsa:2048", "-subj", "/CN=server", "-addext",
            $"subjectAltName=DNS:{First},DNS:{Second},DNS:{Shared}", "-keyout", tenants.Server.Key, "-out", tenants.Server.Certificate);
        return tenants;
    }

    /// <summary>Everything that selftest takes.</summary>
    public string[] Arguments =>
    [
        "--url", $"https://{First}:{Port}", "--cert", FirstClient.Certificate, "--key", FirstClient.Key, "--account", "acc1", "--server-ca", Server.Certificate,
        "--other-url", $"https://{Second}:{Port}", "--other-account", "acc2", "--other-cert", SecondClient.Certificate, "--other-key", SecondClient.Key,
        "--shared-url", $"https://{Shared}:{Port}", "--connect", $"127.0.0.1:{Port}", "--timeout", "5s",
    ];

    public string Write(string name, string text)
    {
        File.WriteAllText(Directory.File(name), text);
        return Directory.File(name);
    }

    public void Dispose() => Directory.Dispose();
}
