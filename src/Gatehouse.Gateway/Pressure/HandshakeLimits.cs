using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Gateway;

/// <summary>
/// Bounds what is not admitted yet (ADR 0012). A connection waits for its ClientHello among all others, and when too many wait the one that
/// waits longest is cut: who sends one byte and sleeps keeps nobody out. With the name it takes a place among its endpoint's handshakes,
/// of which each endpoint has its share only; where there is none left, one that takes long goes for it. Who was refused too often is turned
/// away there, and who has its share of the connections already. Thread-safe.
/// </summary>
internal sealed class HandshakeLimits(GatewayOptions options, TimeProvider time)
{
    /// <summary>Turned away and kept waiting at once, over all: they have connections, too.</summary>
    private readonly int _maxHeld = options.MaxConnections == 0 ? 1024 : Math.Min(1024, options.MaxConnections / 16);

    /// <summary>How long somebody who is turned away waits for the end of the connection: a client in a loop is slowed down by it.</summary>
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    /// <summary>A handshake, its answer to a refused client included, that takes longer goes when there is no place left for a newcomer.</summary>
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<HandshakeSlot> _waiting = [];
    private readonly LinkedList<HandshakeSlot> _inProgress = [];
    private readonly Dictionary<string, LinkedList<HandshakeSlot>> _byEndpoint = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Account, AddressPrefix Address), int> _byAddress = [];
    private int _held;

    public RefusalRateLimit Rate { get; } = new(options.RefusalsPerSecond, time);

    public ConnectionShares Shares { get; } = new(options);

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
    public int InProgress
    {
        get
        {
            lock (_lock)
                return _inProgress.Count;
        }
    }

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
        oldest?.Cut("Too many connections wait without having said whom they want.");
        return slot;
    }

    /// <summary>Gives a connection whose ClientHello came its place; says why not, or <see cref="TurnAway.No"/>.</summary>
    internal TurnAway Admit(HandshakeSlot slot, EndpointSnapshot? endpoint, IPAddress? address)
    {
        if (!Rate.TryAdmit(endpoint, address))
            return TurnAway.RefusedTooOften;
        // Whether a certificate will come is not known yet; whose it would be is.
        if (!Shares.HasRoom(endpoint is null ? ConnectionOwner.Of(address) : ConnectionOwner.Of(endpoint.AccountId)))
            return TurnAway.HasItsShare;
        HandshakeSlot? goes;
        lock (_lock)
        {
            Unlink(slot);
            // One place a connection, whoever asks twice.
            GiveBack(slot);
            if (!TryMakeRoom(endpoint?.AccountId ?? "", AddressPrefix.Of(address), out goes))
                return TurnAway.TooManyAtOnce;
            Take(slot, (endpoint?.AccountId ?? "", AddressPrefix.Of(address)));
        }
        goes?.Cut("A handshake takes long, and others wait for its place.");
        return TurnAway.No;
    }

    // Half an endpoint's share for one address: who stalls there leaves room for the others. And who stalls from many addresses loses its places to
    // those who come later.
    private bool TryMakeRoom(string account, AddressPrefix address, out HandshakeSlot? goes)
    {
        goes = null;
        if (_byAddress.GetValueOrDefault((account, address)) >= Math.Max(1, options.MaxHandshakesPerEndpoint / 2))
            return false;
        var full = _byEndpoint.GetValueOrDefault(account) is { } atEndpoint && atEndpoint.Count >= options.MaxHandshakesPerEndpoint ? atEndpoint
            : _inProgress.Count >= options.MaxConcurrentHandshakes ? _inProgress
            : null;
        if (full is null)
            return true;
        var oldest = full.First!.Value;
        if (time.GetElapsedTime(oldest.Since) < s_long)
            return false;
        GiveBack(oldest);
        goes = oldest;
        return true;
    }

    private void Take(HandshakeSlot slot, (string Account, AddressPrefix Address) share)
    {
        if (!_byEndpoint.TryGetValue(share.Account, out var atEndpoint))
            _byEndpoint[share.Account] = atEndpoint = [];
        (slot.Share, slot.Since) = (share, time.GetTimestamp());
        slot.InProgress = _inProgress.AddLast(slot);
        slot.AtEndpoint = atEndpoint.AddLast(slot);
        _byAddress[share] = _byAddress.GetValueOrDefault(share) + 1;
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
        _inProgress.Remove(slot.InProgress!);
        var atEndpoint = slot.AtEndpoint!.List!;
        atEndpoint.Remove(slot.AtEndpoint);
        (slot.InProgress, slot.AtEndpoint) = (null, null);
        if (atEndpoint.Count == 0)
            _byEndpoint.Remove(share.Account);
        if (--_byAddress[share] == 0)
            _byAddress.Remove(share);
    }

    /// <summary>Keeps somebody who was turned away waiting for a second, if not too many wait: the next attempt of a loop comes later by that much.</summary>
    internal async Task HoldAsync(CancellationToken connectionClosed)
    {
        if (Interlocked.Increment(ref _held) <= _maxHeld)
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
