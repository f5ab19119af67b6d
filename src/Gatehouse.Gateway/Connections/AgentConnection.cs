using System.Net;
using Gatehouse.Contracts;
using Gatehouse.Sockets;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gatehouse.Gateway;

/// <summary>
/// One admitted connection of a delegate. Its account never changes: it is that of the endpoint whose name was in the ClientHello.
/// Its verdict does: every change of trust judges it again, and <see cref="TryRevoke"/> is final. Most are idle most of the time, so what only
/// some of them need is made when it is asked for.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no parent: there is nothing to dispose, and tokens outlive the connection.
internal sealed class AgentConnection(ConnectionContext context, AgentTarget target, PresentedChain chain, ConnectionVerdict verdict)
#pragma warning restore CA1001
{
    private CancellationTokenSource? _revoked;
    private Refusal? _revokedBecause;
    private volatile EndpointSnapshot? _endpoint = target.Endpoint;
    private volatile ConnectionVerdict _verdict = verdict;
    private string? _remoteAddress;
    private long _seenVersion;

    public AgentTarget Target { get; } = target;

    /// <summary>What the client presented, kept so that it can be judged again.</summary>
    public PresentedChain Chain { get; } = chain;

    /// <summary>The account of the endpoint; null on a shared host.</summary>
    public string? AccountId => Target.Endpoint?.AccountId;

    /// <summary>The endpoint by which it was judged last.</summary>
    public EndpointSnapshot? Endpoint => _endpoint;

    public ConnectionVerdict Verdict => _verdict;

    public string RemoteAddress => _remoteAddress ??= AddressOf(context);

    /// <summary><see cref="TrustSnapshot.Version"/> by which it was looked at last.</summary>
    public long SeenVersion
    {
        get => Volatile.Read(ref _seenVersion);
        set => Volatile.Write(ref _seenVersion, value);
    }

    /// <summary>Cancelled when the connection may not go on.</summary>
    public CancellationToken Revoked
    {
        get
        {
            var source = _revoked;
            if (source is null)
            {
                var made = new CancellationTokenSource();
                source = Interlocked.CompareExchange(ref _revoked, made, null) ?? made;
            }
            // Whoever revokes sets the reason first and looks for the source then; here it is the other way round: one of the two sees the other.
            if (RevokedBecause is not null && !source.IsCancellationRequested)
                _ = source.CancelAsync();
            return source.Token;
        }
    }

    public Refusal? RevokedBecause => Volatile.Read(ref _revokedBecause);

    /// <summary>Its neighbours and bucket in the <see cref="ExpiryWheel"/>, which alone touches them.</summary>
    internal AgentConnection? NextToExpire, PreviousToExpire;

    /// <summary>See <see cref="NextToExpire"/>; null while in none.</summary>
    internal long? ExpiryBucket;

    /// <summary>See <see cref="NextToExpire"/>; true when it closed, and is not to be put anywhere any more.</summary>
    internal bool IsGone;

    /// <summary>Takes a newer verdict that accepts.</summary>
    public void Renew(EndpointSnapshot endpoint, ConnectionVerdict verdict)
    {
        _endpoint = endpoint;
        _verdict = verdict;
    }

    /// <summary>From now on its requests are refused. False when it was revoked before.</summary>
    public bool TryRevoke(Refusal refusal) => Interlocked.CompareExchange(ref _revokedBecause, refusal, null) is null;

    /// <summary>Tells whoever serves it to end in order. Never throws.</summary>
    public void AskToEnd()
    {
        // Callbacks run elsewhere; one that fails is its handler's matter, and the connection is cut all the same.
        _ = Volatile.Read(ref _revoked)?.CancelAsync();
        try
        {
            // HTTP/2: GOAWAY. HTTP/1.1: closes when idle, else after the response in flight.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    /// <summary>What is written next ends the last answer, and the HTTP server closes the connection behind it.</summary>
    public void ExpectEnd()
    {
        if (context is IFinalAnswer transport)
            transport.MoreFollows = true;
    }

    /// <summary>Cuts what is left of it.</summary>
    public void Cut() => context.Abort(new ConnectionAbortedException(RevokedBecause?.Code.Name() ?? "revoked"));

    private static string AddressOf(ConnectionContext context) => Format((context.RemoteEndPoint as IPEndPoint)?.Address);

    /// <summary>An address as people write it: IPv4 without its IPv6 mapping.</summary>
    internal static string Format(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
