using Gatehouse.Contracts;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>What the gateway would have verified, chosen by the test.</summary>
internal sealed class FakeOrigin : IAgentOrigin, IDisposable
{
    private readonly CancellationTokenSource _revoked = new();

    public string? Authority { get; init; }
    public string? EndpointAccountId { get; init; }
    public string HostAndPort { get; init; } = "gatehouse.localhost:8443";
    public string RemoteAddress { get; init; } = "192.0.2.7";
    public PresentedCertificate? Certificate { get; init; }
    public CancellationToken Revoked => _revoked.Token;
    public Refusal? RevokedBecause { get; private set; }

    public static FakeOrigin Shared => new();

    public static FakeOrigin Mtls(string accountId, string fqdn, string issuer = "CN=CA Cert,O=Example ORG") => new()
    {
        Authority = fqdn,
        EndpointAccountId = accountId,
        HostAndPort = fqdn + ":8443",
        Certificate = new PresentedCertificate("CN=delegate", issuer, "0A", new string('A', 64), DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue),
    };

    /// <summary>Through the dedicated name, LOOSE, without a certificate.</summary>
    public static FakeOrigin PlainAt(string accountId, string fqdn) => new() { EndpointAccountId = accountId, HostAndPort = fqdn + ":8443" };

    public void Revoke(Refusal because)
    {
        RevokedBecause = because;
        _revoked.Cancel();
    }

    public void Dispose() => _revoked.Dispose();
}
