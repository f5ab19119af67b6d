using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Gateway;

/// <summary>
/// Bounds what is not admitted yet (ADR 0012). A connection waits for its ClientHello among all others, and when too many wait the one that
/// waits longest is cut: who sends one byte and sleeps keeps nobody out. With the name it takes a place among its endpoint's handshakes,
/// of which each endpoint has its share only. Who was refused too often is turned away there, too. Thread-safe.
/// </summary>
internal sealed class HandshakeLimits(GatewayOptions options, TimeProvider time)
{
    /// <summary>Turned away and kept waiting at once, over all.</summary>
    private const int MaxHeld = 1024;

    /// <summary>How long somebody who is turned away waits for the end of the connection: a client in a loop is slowed down by it.</summary>
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<HandshakeSlot> _waiting = [];
    private readonly Dictionary<string, int> _byEndpoint = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Account, AddressPrefix Address), int> _byAddress = [];
    private int _inProgress;
    private int _held;

    public RefusalRateLimit Rate { get; } = new(options.RefusalsPerSecond, time);

    /// <summary>Connections whose ClientHello has not come.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>Handshakes in progress after the ClientHello, answers to refused clients included.</summary>
    public int InProgress => Volatile.Read(ref _inProgress);

    /// <summary>Takes a new connection in; the one that waits longest may have to go for it.</summary>
    public HandshakeSlot Enter(ConnectionContext context)
    {
        var slot = new HandshakeSlot(this, context);
        HandshakeSlot? oldest = null;
        lock (_lock)
        {
            slot.Place = _waiting.AddLast(slot);
            if (_waiting.Count > options.MaxConcurrentHandshakes)
            {
                oldest = _waiting.First!.Value;
                Unlink(oldest);
            }
        }
        oldest?.Cut();
        return slot;
    }

    /// <summary>Gives a connection whose ClientHello came its place; says why not, or <see cref="TurnAway.No"/>.</summary>
    internal TurnAway Admit(HandshakeSlot slot, EndpointSnapshot? endpoint, IPAddress? address)
    {
        if (!Rate.TryAdmit(endpoint, address))
            return TurnAway.RefusedTooOften;
        var share = (endpoint?.AccountId ?? "", AddressPrefix.Of(address));
        lock (_lock)
        {
            Unlink(slot);
            // One place a connection, whoever asks twice.
            GiveBack(slot);
            var (atEndpoint, fromAddress) = (_byEndpoint.GetValueOrDefault(share.Item1), _byAddress.GetValueOrDefault(share));
            // Half an endpoint's share for one address: who stalls there leaves room for the others.
            if (_inProgress >= options.MaxConcurrentHandshakes || atEndpoint >= options.MaxHandshakesPerEndpoint || fromAddress >= Math.Max(1, options.MaxHandshakesPerEndpoint / 2))
                return TurnAway.TooManyAtOnce;
            _inProgress++;
            _byEndpoint[share.Item1] = atEndpoint + 1;
            _byAddress[share] = fromAddress + 1;
            slot.Share = share;
            return TurnAway.No;
        }
    }

    internal void Leave(HandshakeSlot slot)
    {
        lock (_lock)
        {
            Unlink(slot);
            GiveBack(slot);
        }
    }

    private void GiveBack(HandshakeSlot slot)
    {
        if (slot.Share is not { } share)
            return;
        slot.Share = null;
        _inProgress--;
        if (--_byEndpoint[share.Account] == 0)
            _byEndpoint.Remove(share.Account);
        if (--_byAddress[share] == 0)
            _byAddress.Remove(share);
    }

    /// <summary>Keeps somebody who was turned away waiting for a second, if not too many wait: the next attempt of a loop comes later by that much.</summary>
    internal async Task HoldAsync(CancellationToken connectionClosed)
    {
        if (Interlocked.Increment(ref _held) <= MaxHeld)
            await Task.Delay(s_hold, time, connectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _held);
    }

    private void Unlink(HandshakeSlot slot)
    {
        if (slot.Place is not { } place)
            return;
        _waiting.Remove(place);
        slot.Place = null;
    }
}
