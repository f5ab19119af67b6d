using Gatehouse.Contracts;
using Gatehouse.Server.Configuration;
using Gatehouse.Server.Hosting;

namespace Gatehouse.Server;

/// <summary>What a person sees when the server has started.</summary>
internal static class Banner
{
    public static void Print(TextWriter output, ServerConfiguration configuration, ServerEndpoints endpoints)
    {
        output.WriteLine($"Gatehouse {ServerEndpoints.Version} is up (process {Environment.ProcessId}).");
        output.WriteLine();
        output.WriteLine($"  agent listener     https://{endpoints.Agent}  (delegates; TLS 1.2 and 1.3)");
        output.WriteLine($"  agent domain       {configuration.AgentDomain}  (endpoint = <prefix>.{configuration.AgentDomain})");
        output.WriteLine($"  shared hosts       {string.Join(", ", configuration.SharedHosts)}  (no client certificate asked)");
        output.WriteLine($"  operator listener  {endpoints.OperatorUrl}  (admin API, /livez, /readyz, /metrics)");
        output.WriteLine($"  operator key       {configuration.OperatorKeyFile}");
        output.WriteLine(endpoints.ServerCaPath is { } root
            ? $"  server CA          {root}  (development: delegates and curl must trust it)"
            : $"  server certificate {configuration.CertificatePath}");
        output.WriteLine($"  data               {configuration.DataDirectory}");
        if (!System.Net.IPAddress.IsLoopback(configuration.OperatorListen.Address))
            output.WriteLine("  WARNING            the operator API is reachable from other machines without TLS (operator.dangerousAllowRemote)");
        if (configuration.DelegateImage is { } image && !ImageReference.Parse(image).CanDoMtls(configuration.MtlsImages))
            output.WriteLine($"  WARNING            {image} cannot do mutual TLS by its tag: STRICT accounts are not offered it (upgrades.delegateImage, upgrades.mtlsImages)");
        output.WriteLine();
        output.Flush();
    }
}
