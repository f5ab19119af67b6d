using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Demo;

/// <summary>A client of the agent listener that is no delegate of ours: it connects with any certificate and reads the refusal.</summary>
internal static class Outsider
{
    /// <summary>Makes one request and returns the refusal; null when it was not refused.</summary>
    /// <param name="host">Name to ask for.</param>
    /// <param name="port">Port on this machine.</param>
    /// <param name="path">Path to ask for.</param>
    /// <param name="serverCaPath">PEM of the server's root: the server is verified like any other.</param>
    /// <param name="certificate">What to show; null shows nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<RefusalBody?> TryAsync(
        string host, int port, string path, string serverCaPath, IssuedCertificate? certificate, CancellationToken cancellationToken)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(serverCaPath);
        using var identity = certificate is null ? null : X509Certificate2.CreateFromPem(certificate.CertificatePem, certificate.PrivateKeyPem);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, connecting) =>
            {
                // A name below localhost is this machine (RFC 6761 §6.3), whatever the resolver knows.
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port, connecting);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
                ClientCertificateContext = identity is null ? null : SslStreamCertificateContext.Create(identity, null, offline: true),
            },
        };
        using var http = new HttpClient(handler);
        using var response = await http.GetAsync(new Uri($"https://{host}:{port}{path}"), cancellationToken);
        if (!response.Headers.TryGetValues(HeaderNames.GatehouseRefusal, out var codes))
        {
            return null;
        }

        var refusal = await response.Content.ReadFromJsonAsync(ContractsJson.Default.RefusalBody, cancellationToken);
        return response.StatusCode == HttpStatusCode.Forbidden && refusal?.Code == codes.Single() ? refusal : null;
    }
}
