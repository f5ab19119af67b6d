using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Tls;

/// <summary>
/// The portable engine. Session resumption is off: SslStream would resume a session of one tenant at another's name, and leave it to a
/// callback to notice (threat A1). It sends no alert on refusal, so the gateway explains instead.
/// </summary>
/// <remarks>A ClientHello whose handshake message spans several records is read as one without a server name, and so refused.</remarks>
public sealed class SslStreamEngine : ITlsEngine
{
    // Fatal alert unrecognized_name(112), in the clear: nothing has been negotiated yet (RFC 8446 §6).
    private static readonly byte[] s_unrecognizedName = [21, 3, 3, 0, 2, 2, 112];

    /// <inheritdoc />
    public string Name => "sslstream";

    /// <inheritdoc />
    public string Details => "the platform's, without alerts and resumption";

    /// <inheritdoc />
    public async Task<TlsConnection> AuthenticateAsync(ConnectionContext connection, IHandshakeGate gate, CancellationToken cancellationToken)
    {
        var inner = new DuplexPipeStream(connection.Transport);
        var stream = new SslStream(inner, leaveInnerStreamOpen: true);
        var handshake = new SslStreamHandshake(gate);
        try
        {
            await stream.AuthenticateAsServerAsync(handshake.SelectOptionsAsync, null, cancellationToken);
        }
        catch (UnknownServerNameException)
        {
            await stream.DisposeAsync();
            if (gate.TurnsAway)
                throw new TurnedAwayException();
            await inner.WriteAsync(s_unrecognizedName, cancellationToken);
            throw;
        }
        // NotSupported: the first record was no ClientHello, so nobody was asked for a server certificate.
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException or NotSupportedException or ConnectionAbortedException)
        {
            await stream.DisposeAsync();
            throw new TlsHandshakeException(e.InnerException?.Message ?? e.Message, e);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        return new SslStreamConnection(stream, connection)
        {
            ServerName = handshake.ServerName,
            Target = handshake.Target!,
            Chain = handshake.Chain,
            Outcome = gate.Judge(handshake.Target!, handshake.Chain),
            Protocol = stream.SslProtocol,
            ApplicationProtocol = stream.NegotiatedApplicationProtocol.Protocol,
        };
    }

    /// <summary>What one handshake learns on its way.</summary>
    private sealed class SslStreamHandshake(IHandshakeGate gate)
    {
        public string ServerName { get; private set; } = "";
        public HandshakeTarget? Target { get; private set; }
        public PresentedChain Chain { get; private set; } = PresentedChain.None;

        public ValueTask<SslServerAuthenticationOptions> SelectOptionsAsync(
            SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken)
        {
            // A second ClientHello, after HelloRetryRequest, is no second client: it names the same server (RFC 8446 §4.1.2), and the gate is asked once.
            if (Target is not null && !string.Equals(ServerName, hello.ServerName, StringComparison.Ordinal))
                throw new AuthenticationException("The client's second ClientHello named another server.");
            ServerName = hello.ServerName ?? "";
            Target ??= gate.Identify(ServerName.Length == 0 ? null : ServerName)
                ?? throw new UnknownServerNameException(ServerName.Length == 0 ? null : ServerName);

            return ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = gate.Identity.Context,
                ClientCertificateRequired = Target.RequestClientCertificate,
#pragma warning disable CA5359 // It captures; the gate judges, by our own rules, before a byte is read.
                RemoteCertificateValidationCallback = Target.RequestClientCertificate ? Capture : null,
#pragma warning restore CA5359
                CertificateChainPolicy = NoTrust(),
                ApplicationProtocols = TlsPolicy.ApplicationProtocols,
                EnabledSslProtocols = TlsPolicy.Protocols,
                CipherSuitesPolicy = TlsPolicy.CipherSuites,
                AllowTlsResume = false,
                AllowRenegotiation = false,
                EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            });
        }

        // SslStream insists on building a chain of its own. It gets nothing to trust and may fetch nothing (threat B8);
        // its opinion is not asked. One policy a connection: SslStream adds what the client sent to it.
        private static X509ChainPolicy NoTrust() => new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.NoFlag,
        };

        // Lets every handshake end, so that a refused client can be told why; the gate judges right after.
        private bool Capture(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (certificate is null)
                return true;

            var extra = chain?.ChainPolicy.ExtraStore;
            var intermediates = new List<ReadOnlyMemory<byte>>(extra?.Count ?? 0);
            for (var i = 0; i < (extra?.Count ?? 0); i++)
                intermediates.Add(extra![i].RawDataMemory.ToArray());
            Chain = new PresentedChain(certificate.GetRawCertData(), intermediates);
            return true;
        }
    }
}
