using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Variants of the options that a listener starts with.</summary>
internal static class EngineOptions
{
    public static GatewayOptions With(this GatewayOptions options, TlsEngineKind engine, RefusalForm form = RefusalForm.Explain, int sessions = 1000) => new()
    {
        AgentDomain = options.AgentDomain,
        SharedHosts = options.SharedHosts,
        CertificatePath = options.CertificatePath,
        CertificateKeyPath = options.CertificateKeyPath,
        TlsEngine = engine,
        Tls = new TlsEngineOptions { RefusalForm = form, MaxSessions = sessions },
    };
}
