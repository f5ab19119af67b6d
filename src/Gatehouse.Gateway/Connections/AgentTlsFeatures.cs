using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gatehouse.Gateway;

/// <summary>Tells Kestrel what it asks of a TLS connection: that it is one, its ALPN, its version. The client certificate is not handed on: nobody behind us judges it.</summary>
internal sealed class AgentTlsFeatures(TlsConnection tls) : ITlsConnectionFeature, ITlsApplicationProtocolFeature, ITlsHandshakeFeature, IAgentTransport
{
    public X509Certificate2? ClientCertificate { get => null; set => throw new NotSupportedException(); }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);

    public ReadOnlyMemory<byte> ApplicationProtocol => tls.ApplicationProtocol;

    public void LeaveThread() => tls.LeaveTransportThread();

    public SslProtocols Protocol => tls.Protocol;

#pragma warning disable CS0618, SYSLIB0058 // The interface still has them; nothing here reads them.
    public CipherAlgorithmType CipherAlgorithm => CipherAlgorithmType.None;
    public int CipherStrength => 0;
    public HashAlgorithmType HashAlgorithm => HashAlgorithmType.None;
    public int HashStrength => 0;
    public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;
    public int KeyExchangeStrength => 0;
#pragma warning restore CS0618, SYSLIB0058
}
