namespace Gatehouse.Gateway;

/// <summary>
/// Keeps room for others among the admitted connections: nobody may have more than four times what is free. One owner alone gets to four fifths of
/// all, two to four ninths each, and whoever comes next always finds room; where there is plenty nobody notices. A dynamic threshold, as switches
/// have for the queues that share their memory (Choudhury and Hahne, 1998). Thread-safe.
/// </summary>
internal sealed class ConnectionShares
{
    private const int TimesWhatIsFree = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<ConnectionOwner, int> _held = [];
    private readonly int? _room;
    private int _all;

    /// <param name="options">Without a limit of connections there are no shares. Connections on their way to being admitted have a part of the room for themselves, at most half.</param>
    public ConnectionShares(GatewayOptions options) => _room = options.MaxConnections == 0
        ? null
        : options.MaxConnections - Math.Min(2 * options.MaxConcurrentHandshakes, options.MaxConnections / 2);

    /// <summary>Admitted connections that count.</summary>
    public int Held
    {
        get
        {
            lock (_lock)
                return _all;
        }
    }

    /// <summary>True when one more would be let in now. Takes nothing: for those whose certificate has not come yet.</summary>
    public bool HasRoom(ConnectionOwner owner)
    {
        if (_room is not { } room)
            return true;
        lock (_lock)
            return HasRoom(room, _held.GetValueOrDefault(owner));
    }

    /// <summary>Takes a place; false when the owner has its share, and then it must not be given back.</summary>
    public bool TryTake(ConnectionOwner owner)
    {
        if (_room is not { } room)
            return true;
        lock (_lock)
        {
            var held = _held.GetValueOrDefault(owner);
            if (!HasRoom(room, held))
                return false;
            _held[owner] = held + 1;
            _all++;
            return true;
        }
    }

    public void GiveBack(ConnectionOwner owner)
    {
        if (_room is null)
            return;
        lock (_lock)
        {
            _all--;
            if (--_held[owner] == 0)
                _held.Remove(owner);
        }
    }

    private bool HasRoom(int room, int held) => held < (long)TimesWhatIsFree * (room - _all);
}
