using Gatehouse.Contracts;

namespace Gatehouse.Manager.Delegates;

/// <summary>
/// How a delegate's connection came in, as the gateway verified it. Upstream writes this at register only (protocol sheet §5.4, 6); here every
/// heartbeat and every stream does, so that a delegate that was given a certificate shows so without registering again.
/// </summary>
internal sealed record DelegateOrigin(string? Authority, string? ConnectedThrough, string? RemoteAddress, PresentedCertificate? Certificate)
{
    public bool Mtls => !string.IsNullOrEmpty(Authority);

    public static DelegateOrigin Of(IAgentOrigin origin) =>
        new(origin.Authority, origin.HostAndPort, origin.RemoteAddress, origin.Certificate);
}
