using System.Net;

namespace Gatehouse.Load;

/// <summary>What the generator connects to: one server, with one TLS version.</summary>
internal sealed record LoadTarget
{
    /// <summary>The name in the tables.</summary>
    public required string Name { get; init; }

    /// <summary>The process, with its children, whose CPU time and memory count.</summary>
    public required int ProcessId { get; init; }

    public required IPEndPoint Address { get; init; }

    public required BenchCertificates Certificates { get; init; }

    /// <summary>Exactly one version, so that the round measures what its row says: <see cref="Libssl.Tls12"/> or <see cref="Libssl.Tls13"/>.</summary>
    public required int Tls { get; init; }

    /// <summary>False where there is nothing to compile, and little warm-up does.</summary>
    public bool NeedsWarmUp { get; init; }

    public static string NameOf(int tls) => tls == Libssl.Tls13 ? "TLS 1.3" : "TLS 1.2";
}
