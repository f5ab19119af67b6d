using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>A refused client that has read its answer and keeps the connection: it sees the end at once, and holds no place until a time limit.</summary>
public sealed class WhenTheRefusedJustWait(RecipePki pki) : IClassFixture<RecipePki>
{
    [Theory]
    [InlineData("-tls1_2", TlsEngineKind.OpenSsl)]
    [InlineData("-tls1_3", TlsEngineKind.OpenSsl)]
    [InlineData("-tls1_2", TlsEngineKind.SslStream)]
    [InlineData("-tls1_3", TlsEngineKind.SslStream)]
    public async Task They_see_the_end_behind_the_answer(string version, TlsEngineKind engine)
    {
        await using var listener = await AgentListener.StartAsync(o => new GatewayOptions
        {
            AgentDomain = o.AgentDomain,
            SharedHosts = o.SharedHosts,
            CertificatePath = o.CertificatePath,
            CertificateKeyPath = o.CertificateKeyPath,
            TlsEngine = engine,
            RefusalTimeout = TimeSpan.FromMinutes(10), // Nobody waits so long for s_client here.
        });
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        var result = await CommandLine.RunAsync("openssl",
            ["s_client", "-connect", $"127.0.0.1:{listener.Port}", "-servername", "customer1.agent.test", version, "-ign_eof"], "GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n");
        Assert.Contains("client_certificate_required", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("closed", result.Output.TrimEnd(), StringComparison.Ordinal);
        await Eventually.TrueAsync("its place given back", () => Task.FromResult(((HandshakeLimits)listener.Services.GetService(typeof(HandshakeLimits))!).InProgress == 0));
    }
}
