using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>Agent listeners that forward the log service's requests to an address of the test.</summary>
internal static class ForwardingListener
{
    public const string Secret = "0123456789abcdef0123456789abcdef";

    /// <summary>Starts one with the endpoint <c>customer1</c> of <c>acc1</c>.</summary>
    public static async Task<AgentListener> StartAsync(Uri logService, OpenSsl.Pair ca, bool own = true, int maxConnections = 0)
    {
        var listener = await AgentListener.StartAsync(o => new GatewayOptions
        {
            AgentDomain = o.AgentDomain,
            SharedHosts = o.SharedHosts,
            CertificatePath = o.CertificatePath,
            CertificateKeyPath = o.CertificateKeyPath,
            LogServiceAddress = logService,
            ClusterSecret = Secret,
            ForwardClientCertificate = true,
            OwnHttp1Forwarder = own,
            MaxConnections = maxConnections,
        });
        await listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, ca.CertificatePem);
        return listener;
    }
}
