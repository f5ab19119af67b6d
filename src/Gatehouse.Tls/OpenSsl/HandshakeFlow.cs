namespace Gatehouse.Tls.OpenSsl;

/// <summary>What one handshake learns on its way, callback by callback. Touched under its session's lock only.</summary>
internal sealed class HandshakeFlow(IHandshakeGate gate, RefusalForm form, SessionCache? sessions, TicketKeys? tickets)
{
    private PresentedChain? _presented;
    private HandshakeOutcome? _presentedOutcome;
    private PresentedChain? _resumed;
    private HandshakeOutcome? _resumedOutcome;

    public string? ServerName { get; private set; }
    public HandshakeTarget? Target { get; private set; }

    /// <summary>Keys for stateless tickets; null when sessions are kept here, or nowhere.</summary>
    public TicketKeys? TicketKeys => tickets;

    /// <summary>What a callback threw; the handshake was failed for it.</summary>
    public Exception? Fault { get; set; }

    /// <summary>The judgement by which the handshake was ended with an alert; null when it was not.</summary>
    public HandshakeOutcome? EndedBy { get; private set; }

    /// <summary>In the form "alert" a missing certificate ends the handshake, too.</summary>
    public bool RequiresCertificate => form == RefusalForm.Alert && Target is { RequireClientCertificate: true };

    /// <summary>The gate wants nothing of this client now, whatever the name.</summary>
    public bool TurnsAway => Target is null && gate.TurnsAway;

    /// <summary>The second ClientHello, after HelloRetryRequest, named another server than the first (RFC 8446 §4.1.2 forbids it).</summary>
    public bool ChangedName { get; private set; }

    /// <summary>False when the name is not served here, or not now. A second ClientHello is no second client: the gate is asked once.</summary>
    public bool Identify(string? serverName)
    {
        if (Target is not null)
        {
            ChangedName = !string.Equals(serverName, ServerName, StringComparison.Ordinal);
            return !ChangedName;
        }
        ServerName = serverName;
        Target = gate.Identify(serverName);
        return Target is not null;
    }

    /// <summary>Judges a presented chain; false when the handshake has to end with the outcome's alert.</summary>
    public bool Present(PresentedChain chain, bool isOversizedKey)
    {
        _presented = chain;
        _presentedOutcome = gate.Judge(Target!, chain);
        // An oversized key is refused before its owner makes us compute with it, whatever the form (threat B9).
        if (_presentedOutcome.IsAccepted || (form == RefusalForm.Explain && !isOversizedKey))
            return true;
        EndedBy = _presentedOutcome;
        return false;
    }

    /// <summary>The alert of the judgement that ended the handshake.</summary>
    public TlsAlert Alert => EndedBy?.Alert ?? TlsAlert.InternalError;

    /// <summary>The client was asked for a certificate it had to have, and sent none.</summary>
    public HandshakeOutcome EndWithoutCertificate() => EndedBy = gate.Judge(Target!, PresentedChain.None);

    /// <summary>A session to resume, judged again by the trust of now; 0 makes it a full handshake.</summary>
    public nint FindSession(ReadOnlySpan<byte> id)
    {
        if (Target is null || sessions?.Find(id, Target.SessionContext) is not { } found)
            return 0;
        if (Resume(found.Chain))
            return found.Session;
        sessions.Remove(id);
        found.Release();
        return 0;
    }

    /// <summary>Judges what a session's client had presented by the trust of now; true when the session may be used.</summary>
    public bool Resume(PresentedChain chain)
    {
        if (Target is null)
            return false;
        var outcome = gate.Judge(Target, chain);
        if (outcome.IsAccepted)
            (_resumed, _resumedOutcome) = (chain, outcome);
        return outcome.IsAccepted;
    }

    /// <summary>What a ticket has to hold besides OpenSSL's session; null: none, and the ticket will not be used.</summary>
    public byte[]? TicketData(bool resumed)
    {
        if (Target is null)
            return null;
        var (chain, outcome) = Conclude(resumed);
        return outcome.IsAccepted ? TicketChain.Write(chain) : null;
    }

    /// <summary>Keeps a session for resumption; true when the cache took the reference over.</summary>
    public bool KeepSession(nint session, ReadOnlySpan<byte> id, bool resumed)
    {
        if (sessions is null || Target is null)
            return false;
        var (chain, outcome) = Conclude(resumed);
        return outcome.IsAccepted && TicketChain.CanBeKept(chain) && sessions.Add(id, session, Target.SessionOwner, Target.SessionContext, chain);
    }

    /// <summary>Chain and judgement of the ended handshake.</summary>
    /// <exception cref="TlsHandshakeException">OpenSSL resumed a session that is not ours: fail closed.</exception>
    public (PresentedChain Chain, HandshakeOutcome Outcome) Conclude(bool resumed)
    {
        if (resumed)
            return (_resumed ?? throw NotOurs(), _resumedOutcome ?? throw NotOurs());
        var chain = _presented ?? PresentedChain.None;
        return (chain, _presentedOutcome ??= gate.Judge(Target!, chain));
    }

    private static TlsHandshakeException NotOurs() => new("A session was resumed that this server did not look up.");
}
