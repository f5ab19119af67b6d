using System.Buffers;
using System.IO.Pipelines;
using Gatehouse.Contracts;
using Gatehouse.Gateway;
using Gatehouse.Pki;
using Gatehouse.Tls;
using Gatehouse.Tls.OpenSsl;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Fuzz.Targets;

/// <summary>A client of the real engine on the machine's libssl, over pipes in memory; the gate is the gateway's.</summary>
#pragma warning disable CA1001 // The engine lives as long as the process.
internal sealed class HandshakePeer
#pragma warning restore CA1001
{
    private readonly OpenSslEngine _engine = new(new TlsEngineOptions { MaxSessions = 100 });
    private readonly ServerIdentity _identity = NewIdentity();
    private readonly AgentDirectory _directory = NewDirectory();
    // Every input is a refused attempt from one address: without a limit, or nothing would be looked at any more.
    private readonly HandshakeLimits _limits = new(NewOptions(), new FixedTime());

    /// <summary>Sends one piece after the other, then closes. What the gate was asked to judge comes back; a callback that throws is a finding.</summary>
    public List<(PresentedChain Chain, bool IsAccepted)> Meet(params ReadOnlySpan<byte[]> pieces)
    {
        var options = new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);
        var (toServer, fromServer) = (new Pipe(options), new Pipe(options));
        var connection = new Transport(toServer.Reader, fromServer.Writer);
        var context = new DefaultConnectionContext("fuzz", connection, connection);
        using var slot = _limits.Enter(context);
        var gate = new WatchedGate(new AgentGate(_directory, _identity, new FixedTime(), "192.0.2.1", slot));
        var handshake = _engine.AuthenticateAsync(context, gate, CancellationToken.None);
        foreach (var piece in pieces)
        {
            if (piece.Length == 0 || handshake.IsCompleted)
                continue;
            toServer.Writer.Write(piece);
            _ = toServer.Writer.FlushAsync().GetAwaiter().GetResult();
        }
        toServer.Writer.Complete();
        FuzzFindingException.Unless(handshake.IsCompleted, "The handshake waits for more after the end");
        try
        {
            // Not awaited: it is over, and what it threw is thrown here.
            _ = handshake.GetAwaiter().GetResult();
            throw new FuzzFindingException("A handshake succeeded without a key");
        }
        catch (TlsHandshakeException e)
        {
            if (e.InnerException is { } fault)
                throw new FuzzFindingException($"A callback threw {fault.GetType().Name}: {fault}");
        }
        toServer.Reader.Complete();
        fromServer.Writer.Complete();
        fromServer.Reader.Complete();
        return gate.Judged;
    }

    private static ServerIdentity NewIdentity()
    {
        var ca = CertificateIssuer.CreateCa("/CN=Fuzz server CA", 30, KeyKind.EcP256, FixedChain.Now);
        var server = CertificateIssuer.CreateServer(ca.CertificatePem, ca.PrivateKeyPem, ["*.agent.test"], 30, KeyKind.EcP256, FixedChain.Now);
        return ServerIdentity.FromPem(server.CertificatePem, server.PrivateKeyPem);
    }

    private static GatewayOptions NewOptions() =>
        new() { AgentDomain = "agent.test", SharedHosts = ["shared.test"], CertificatePath = "", CertificateKeyPath = "", RefusalsPerSecond = 0 };

    private static AgentDirectory NewDirectory()
    {
        var index = new TrustIndex();
        index.Apply([new EndpointTrust("acc1", 1, "customer1.agent.test", null, MtlsMode.STRICT, BundleDer.FromPem(FixedChain.CaPem))]);
        return new AgentDirectory(index, NewOptions());
    }

    private sealed class WatchedGate(IHandshakeGate gate) : IHandshakeGate
    {
        public List<(PresentedChain Chain, bool IsAccepted)> Judged { get; } = [];

        public ServerIdentity Identity => gate.Identity;

        public HandshakeTarget? Identify(string? serverName) => gate.Identify(serverName);

        public HandshakeOutcome Judge(HandshakeTarget target, PresentedChain chain)
        {
            var outcome = gate.Judge(target, chain);
            Judged.Add((chain, outcome.IsAccepted));
            return outcome;
        }
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => FixedChain.Now;
    }

    private sealed class Transport(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;
        public PipeWriter Output => output;
    }
}
