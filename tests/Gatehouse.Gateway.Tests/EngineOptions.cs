using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Variants of the options that a listener starts with.</summary>
internal static class EngineOptions
{
    public static GatewayOptions With(this GatewayOptions options, TlsEngineKind engine, RefusalForm form = RefusalForm.Explain, ResumptionForm resumption = ResumptionForm.Stateful, string? ticketKeys = null) => new()
    {
        AgentDomain = options.AgentDomain,
        SharedHosts = options.SharedHosts,
        CertificatePath = options.CertificatePath,
        CertificateKeyPath = options.CertificateKeyPath,
        TlsEngine = engine,
        // As long as no client may have to wait for its end, nor a slow one be cut off.
        RefusalTimeout = TimeSpan.FromMinutes(1),
        Tls = new TlsEngineOptions { RefusalForm = form, Resumption = resumption, TicketKeysPath = ticketKeys },
    };
}
