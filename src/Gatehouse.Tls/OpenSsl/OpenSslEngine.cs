using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Ends TLS on the machine's libssl: alerts that fit, sessions tied to an endpoint and its generation of trust, and a fraction of the cost.</summary>
internal sealed class OpenSslEngine : ITlsEngine, IDisposable
{
    /// <summary>Ciphertext a client may send before its handshake is done.</summary>
    private const long MaxHandshakeBytes = 256 * 1024;

    private readonly TlsEngineOptions _options;
    private readonly SessionCache? _sessions;
    private readonly TicketKeys? _ticketKeys;
    private readonly ConditionalWeakTable<ServerIdentity, OpenSslServerContext> _contexts = [];

    /// <exception cref="TlsEngineException">libssl cannot be used here.</exception>
    public OpenSslEngine(TlsEngineOptions options)
        : this(options, new KeyDecoderTrial())
    {
    }

    /// <summary>With a trial of the legacy key decoder that may deviate.</summary>
    internal OpenSslEngine(TlsEngineOptions options, KeyDecoderTrial trial)
    {
        if (OpenSslLibrary.Problem() is { } problem)
            throw new TlsEngineException(problem);
        _options = options;
        if (options.LegacyKeyDecoder != LegacyKeyDecoderMode.Off)
        {
            var on = new LegacyKeyDecoderCheck(trial).TrySwitchOn(out var reason);
            KeyDecoder = (on ? "legacy: " : "default: ") + reason;
            if (!on && options.LegacyKeyDecoder == LegacyKeyDecoderMode.On)
                throw new TlsEngineException($"The legacy key decoder cannot be used here: {reason}. Set agent.tls.legacyKeyDecoder to auto or off.");
        }
        _sessions = options.Resumption == ResumptionForm.Stateful ? new SessionCache(options.MaxSessions) : null;
        _ticketKeys = options.Resumption == ResumptionForm.Tickets ? new TicketKeys(options.TicketKeysPath, TimeProvider.System) : null;
    }

    public string Name => "openssl";

    public string Details => $"{OpenSslLibrary.Version}; key decoder {KeyDecoder}";

    /// <summary>Which key decoder is in use, and why.</summary>
    public string KeyDecoder { get; } = "default";

    public void Dispose() => _sessions?.Dispose();

    public async Task<TlsConnection> AuthenticateAsync(ConnectionContext connection, IHandshakeGate gate, CancellationToken cancellationToken)
    {
        var flow = new HandshakeFlow(gate, _options.RefusalForm, _sessions, _ticketKeys);
        var context = _contexts.GetValue(gate.Identity, identity => new OpenSslServerContext(identity, _options.Resumption));
        var session = new OpenSslSession(context.Handle, connection.Transport, flow);
        try
        {
            await HandshakeAsync(connection, session, flow, cancellationToken);
            // Whoever was woken by it must not be the first reader behind us.
            cancellationToken.ThrowIfCancellationRequested();
            var (protocol, alpn, resumed) = session.Negotiated();
            // A TLS 1.2 client waits for our last word; after TLS 1.3 only a session is left to send, and goes with the first answer.
            if (protocol == SslProtocols.Tls12)
                await connection.Transport.Output.FlushAsync(cancellationToken);
            var (chain, outcome) = flow.Conclude(resumed);
            session.ForgetHandshake();
            return new OpenSslConnection(session, connection.Transport, alpn.Span.SequenceEqual("h2"u8))
            {
                ServerName = flow.ServerName ?? "",
                Target = flow.Target!,
                Chain = chain,
                Outcome = outcome,
                Protocol = protocol,
                ApplicationProtocol = alpn,
                IsResumed = resumed,
            };
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static async Task HandshakeAsync(ConnectionContext connection, OpenSslSession session, HandshakeFlow flow, CancellationToken cancellationToken)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        // Once for all the waits: a registration for each is made and taken back for nothing.
        await using var stop = cancellationToken.UnsafeRegister(static transport =>
        {
            ((IDuplexPipe)transport!).Input.CancelPendingRead();
            ((IDuplexPipe)transport).Output.CancelPendingFlush();
        }, connection.Transport);
        long received = 0;
        while (true)
        {
            var read = await input.ReadAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            received += read.Buffer.Length;
            var step = session.Handshake(read.Buffer, read.IsCompleted, out var error);
            // What came behind the handshake stays with the transport, for the first read.
            var consumed = session.Consumed;
            session.SetInput(ReadOnlySequence<byte>.Empty, read.IsCompleted);
            input.AdvanceTo(consumed);
            // Its alert gets out with the end of the connection, not before.
            if (step == HandshakeStep.Failed && flow.TurnsAway)
                throw new TurnedAwayException();
            if (step == HandshakeStep.Done)
                return;
            // An alert, too, has to get out.
            await output.FlushAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (step == HandshakeStep.Failed)
                throw FailureOf(flow, error);
            if (received > MaxHandshakeBytes)
                throw new TlsHandshakeException("The client sent more than a handshake can need.") { Target = flow.Target };
        }
    }

    private static TlsHandshakeException FailureOf(HandshakeFlow flow, (int Reason, string Text) error)
    {
        const int PeerSentNoCertificate = 199;
        if (flow.Fault is { } fault)
            return new TlsHandshakeException(fault.Message, fault) { Target = flow.Target };
        if (flow.ChangedName)
            return new TlsHandshakeException("The client's second ClientHello named another server.") { Target = flow.Target };
        if (flow.Target is null && error.Text == "callback failed")
            return new UnknownServerNameException(flow.ServerName);
        if (flow.EndedBy is { } outcome || (error.Reason == PeerSentNoCertificate && flow.Target is not null && (outcome = flow.EndWithoutCertificate()) is not null))
            return new RefusedInHandshakeException(outcome) { Target = flow.Target };
        return new TlsHandshakeException(error.Text) { Target = flow.Target, SentTooMuchCertificate = error.Reason == Native.ReasonExcessiveMessageSize };
    }
}
