using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Load;

/// <summary>One TLS connection with a full handshake, proved as such, to the one server certificate we know.</summary>
internal sealed class ProvenConnection : IAsyncDisposable
{
    private readonly SslStream _stream;
    private readonly LoadTarget _target;
    private readonly AnswerReader _answers;

    private ProvenConnection(SslStream stream, LoadTarget target) => (_stream, _target, _answers) = (stream, target, new AnswerReader(stream, target));

    /// <summary>Connects, shakes hands and checks what went over the wire.</summary>
    /// <exception cref="BenchFailedException">It was not the handshake that is to be measured.</exception>
    public static async Task<ProvenConnection> OpenAsync(LoadTarget target, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(target.Address, cancellationToken);
            var witness = new ClientHelloWitness(new NetworkStream(socket, ownsSocket: true));
            stream = new SslStream(witness);
            await stream.AuthenticateAsClientAsync(OptionsFor(target), cancellationToken);
            if (target.Identity is not null)
                Prove(target, stream, witness);
            return new ProvenConnection(stream, target);
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            if (e is SocketException or IOException or AuthenticationException)
                throw new BenchFailedException($"{target.Name} ({target.Address}) did not let the generator in: {e.InnerException?.Message ?? e.Message}", e);
            throw;
        }
    }

    /// <summary>One request and its answer, which is checked.</summary>
    public async ValueTask RequestAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(request, cancellationToken);
            await _answers.ReadAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            throw new BenchFailedException($"{_target.Name} broke the connection in the middle of an answer: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static SslClientAuthenticationOptions OptionsFor(LoadTarget target) => new()
    {
        TargetHost = BenchCertificates.HostName,
        ClientCertificateContext = target.Identity,
        EnabledSslProtocols = target.Tls,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        // Stricter than any chain: this very certificate. The chain that the platform builds anyway gets nothing to trust or to fetch.
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is X509Certificate2 leaf && leaf.RawDataMemory.Span.SequenceEqual(target.Certificates.ServerDer),
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };

    // A client that offers no session cannot have one resumed; and both certificates must have gone over the wire.
    private static void Prove(LoadTarget target, SslStream stream, ClientHelloWitness witness)
    {
        if (stream.SslProtocol != target.Tls)
            throw new BenchFailedException($"{target.Name} negotiated {stream.SslProtocol} instead of {target.Tls}.");
        var offer = ClientHelloOffer.Read(witness.FirstFlight);
        var isTls13 = target.Tls == SslProtocols.Tls13;
        if (offer.PreSharedKey || offer.Ticket > 0 || (!isTls13 && offer.SessionId > 0))
            throw new BenchFailedException($"The generator offered a session to {target.Name} ({offer}): no full handshake.");
        var certificateBytes = target.Identity!.TargetCertificate.RawDataMemory.Length;
        if (witness.Sent - witness.FirstFlight.Length < certificateBytes)
            throw new BenchFailedException($"The generator sent {witness.Sent} bytes to {target.Name}: no client certificate can be among them.");
        if (witness.Received < target.Certificates.ServerDer.Length)
            throw new BenchFailedException($"{target.Name} sent {witness.Received} bytes: no certificate can be among them, so it resumed.");
    }
}
