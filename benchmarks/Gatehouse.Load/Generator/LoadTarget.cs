using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace Gatehouse.Load;

/// <summary>What the generator connects to and what it accepts as an answer.</summary>
internal sealed record LoadTarget
{
    private const string Path = $"/api/version/delegate?accountId={GatehouseProcess.Account}";

    /// <summary>The name in the tables.</summary>
    public required string Name { get; init; }

    /// <summary>The process, with its children, whose CPU time and memory count.</summary>
    public required int ProcessId { get; init; }

    public required IPEndPoint Address { get; init; }

    public required BenchCertificates Certificates { get; init; }

    /// <summary>Exactly one version, so that the round measures what its row says.</summary>
    public required SslProtocols Tls { get; init; }

    /// <summary>Null for the control without a certificate.</summary>
    public SslStreamCertificateContext? Identity { get; init; }

    /// <summary>The whole body that the upstream answers when, and only when, the gateway told it of a verified client certificate.</summary>
    public static ReadOnlyMemory<byte> ExpectedBody { get; } =
        Encoding.ASCII.GetBytes($"authority={BenchCertificates.HostName} account={GatehouseProcess.Account}\n");

    public static ReadOnlyMemory<byte> KeepRequest { get; } = Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {BenchCertificates.HostName}\r\n\r\n");

    public static ReadOnlyMemory<byte> CloseRequest { get; } =
        Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {BenchCertificates.HostName}\r\nConnection: close\r\n\r\n");
}
