using System.Net;
using Gatehouse.Contracts;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Gateway;

/// <summary>One connection on its way to being admitted; disposed when it is, or when it ends. Used by its connection's flow only, except for <see cref="Cut"/>.</summary>
internal sealed class HandshakeSlot(HandshakeLimits limits, ConnectionContext context) : IDisposable
{
    private readonly IPAddress? _address = (context.RemoteEndPoint as IPEndPoint)?.Address;
    private EndpointSnapshot? _endpoint;
    private TurnAway _why;
    private bool _isOpen;

    /// <summary>Its place among those that wait for their ClientHello; the limits' own.</summary>
    internal LinkedListNode<HandshakeSlot>? Place { get; set; }

    /// <summary>The endpoint and address whose shares it counts against; the limits' own.</summary>
    internal (string Account, AddressPrefix Address)? Share { get; set; }

    /// <summary>Its places among the handshakes in progress, over all and at its endpoint, and since when; the limits' own.</summary>
    internal LinkedListNode<HandshakeSlot>? InProgress { get; set; }

    /// <inheritdoc cref="InProgress"/>
    internal LinkedListNode<HandshakeSlot>? AtEndpoint { get; set; }

    /// <inheritdoc cref="InProgress"/>
    internal long Since { get; set; }

    /// <summary>Why the client was turned away; null when it was not.</summary>
    public Refusal? TurnedAway { get; private set; }

    /// <summary>Asks for a place at what the ClientHello named; false turns the client away.</summary>
    public bool TryAdmit(EndpointSnapshot? endpoint, string host, string remoteAddress)
    {
        _why = limits.Admit(this, endpoint, _address);
        (_endpoint, _isOpen) = (endpoint, _why == TurnAway.No);
        if (!_isOpen)
            TurnedAway = Refusals.TurnedAway(_why, endpoint?.AccountId, host, remoteAddress);
        return _isOpen;
    }

    /// <summary>The client was accepted.</summary>
    public void Accepted()
    {
        if (_isOpen && _endpoint is not null)
            limits.Rate.Accepted(_endpoint, _address);
        _isOpen = false;
    }

    /// <summary>The client was refused; its place is kept until it was told.</summary>
    public void Refused()
    {
        if (_isOpen && _endpoint is not null)
            limits.Rate.Refused(_endpoint, _address);
        _isOpen = false;
    }

    /// <summary>Keeps a client that was turned away waiting for its end; not where connections are what is scarce.</summary>
    public Task HoldAsync() => _why == TurnAway.HasItsShare ? Task.CompletedTask : limits.HoldAsync(context.ConnectionClosed);

    /// <summary>Ends it to make room for others.</summary>
    internal void Cut(string why) => context.Abort(new ConnectionAbortedException(why));

    /// <summary>Gives the place back. An attempt that got a place and was not accepted, for whatever reason, counts as refused.</summary>
    public void Dispose()
    {
        Refused();
        _endpoint = null;
        limits.Leave(this);
    }
}
