using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gatehouse.Sockets;

namespace Gatehouse.Gateway;

/// <summary>The connections to one service: those in use, and those kept for the next request. Thread-safe.</summary>
internal sealed class UpstreamPool : IDisposable
{
    /// <summary>Of the connections, one account may have a quarter in use; so many in any case.</summary>
    private const int LeastShare = 16;

    /// <summary>Connections kept while nobody uses them.</summary>
    private const int MaxIdle = 512;

    /// <summary>Of the idle connections, how many are looked at for one of the same account.</summary>
    private const int OwnSought = 8;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Seconds an idle connection is kept: less than what servers usually wait.</summary>
    private const int IdleSeconds = 50;

    /// <summary>Seconds after which a connection is not used again, so that a name that moved is followed.</summary>
    private const int LifetimeSeconds = 600;

    /// <summary>Seconds without a byte either way, after which a service counts as gone.</summary>
    private const int SilenceSeconds = 300;

    private readonly Lock _lock = new();
    private readonly HashSet<UpstreamConnection> _all = [];
    private readonly List<UpstreamConnection> _idle = [];
    private readonly Uri _address;
    private readonly bool _inLoop;
    private readonly Dictionary<string, int> _inUse = new(StringComparer.Ordinal);
    private readonly int _maxConnections;
    private readonly int _share;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _connecting;
    private int _now;
    private bool _disposed;

    /// <param name="address">Host and port of the service.</param>
    /// <param name="maxConnections">In use at once; 0: no limit.</param>
    /// <param name="time">For time limits.</param>
    /// <param name="inLoop">As in <see cref="SocketConnector.ConnectAsync"/>.</param>
    public UpstreamPool(Uri address, int maxConnections, TimeProvider time, bool inLoop)
    {
        (_address, _maxConnections, _time, _inLoop) = (address, maxConnections, time, inLoop);
        _share = maxConnections > 0 ? Math.Max(LeastShare, maxConnections / 4) : int.MaxValue;
        _timer = time.CreateTimer(static state => ((UpstreamPool)state!).Sweep(), this, s_tick, s_tick);
    }

    /// <summary>Seconds since the pool was made: a clock that costs nothing to read.</summary>
    public int Now => Volatile.Read(ref _now);

    /// <summary>Connections kept for the next request.</summary>
    public int Idle
    {
        get
        {
            lock (_lock)
                return _idle.Count;
        }
    }

    /// <summary>A connection that was used before and is quiet; null when there is none.</summary>
    /// <param name="owner">The account it is for; empty for the shared hosts.</param>
    /// <exception cref="UpstreamException">The account has its share.</exception>
    public UpstreamConnection? TryTakeIdle(string owner)
    {
        while (true)
        {
            UpstreamConnection connection;
            bool wasOwn;
            lock (_lock)
            {
                if (_idle.Count == 0)
                    return null;
                Enter(owner);
                var place = PlaceFor(owner);
                connection = _idle[place];
                _idle.RemoveAt(place);
                // Behind a shared host is not one account but any.
                wasOwn = owner.Length > 0 && connection.Owner == owner;
            }
            // Bytes that come unasked are heard of a moment later. What one account was sent must not be taken for another's answer even in that moment.
            if (wasOwn ? connection.IsQuiet : connection.IsQuietNow)
            {
                connection.Begin(owner);
                return connection;
            }
            lock (_lock)
            {
                _all.Remove(connection);
                Leave(owner);
            }
            connection.Close();
        }
    }

    /// <summary>One that the account used itself, of those used last; otherwise the one used last, as the others may run out.</summary>
    private int PlaceFor(string owner)
    {
        for (var i = _idle.Count - 1; i >= Math.Max(0, _idle.Count - OwnSought); i--)
        {
            if (_idle[i].Owner == owner)
                return i;
        }
        return _idle.Count - 1;
    }

    /// <summary>A new connection.</summary>
    /// <param name="owner">As for <see cref="TryTakeIdle"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UpstreamException">There is none to be had.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>.</exception>
    public async ValueTask<UpstreamConnection> ConnectAsync(string owner, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_maxConnections > 0 && _all.Count - _idle.Count + _connecting >= _maxConnections)
                throw new UpstreamException(ForwardFailure.Busy, $"{_maxConnections} connections are in use");
            Enter(owner);
            _connecting++;
        }
        UpstreamConnection? connection = null;
        try
        {
            using var timeout = new CancellationTokenSource(s_connectTimeout, _time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            connection = new UpstreamConnection(this, await SocketConnector.ConnectAsync(_address.DnsSafeHost, _address.Port, _inLoop, limit.Token));
            connection.Begin(owner);
            lock (_lock)
                _all.Add(connection);
            return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpstreamException(ForwardFailure.TimedOut, $"no connection within {s_connectTimeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new UpstreamException(ForwardFailure.NotConnected, e.Message, e);
        }
        finally
        {
            lock (_lock)
            {
                _connecting--;
                if (connection is null)
                    Leave(owner);
            }
        }
    }

    /// <summary>Takes a connection back for the next request.</summary>
    public void Return(UpstreamConnection connection)
    {
        if (Now - connection.OpenedAt < LifetimeSeconds)
        {
            connection.IsReused = true;
            lock (_lock)
            {
                if (connection.IsQuiet && _idle.Count < MaxIdle && !_disposed)
                {
                    _idle.Add(connection);
                    Leave(connection.Owner);
                    return;
                }
            }
        }
        Forget(connection);
        connection.Close();
    }

    /// <summary>Takes back a connection that cannot be used again, and cuts it.</summary>
    public void Drop(UpstreamConnection connection)
    {
        Forget(connection);
        connection.Abort(ForwardFailure.Broken);
        connection.Close();
    }

    public void Dispose()
    {
        _timer.Dispose();
        List<UpstreamConnection> idle;
        lock (_lock)
        {
            _disposed = true;
            idle = [.. _idle];
            _idle.Clear();
        }
        idle.ForEach(connection => connection.Close());
    }

    private void Forget(UpstreamConnection connection)
    {
        lock (_lock)
        {
            _all.Remove(connection);
            Leave(connection.Owner);
        }
    }

    // HTTP/2 lets one client have a hundred requests at once: without a share one account could take every connection to the service.
    private void Enter(string owner)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_inUse, owner, out _);
        if (count >= _share)
            throw new UpstreamException(ForwardFailure.Busy, $"{_share} connections are in use for one account");
        count++;
    }

    private void Leave(string owner)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_inUse, owner, out _);
        if (--count <= 0)
            _inUse.Remove(owner);
    }

    // A connection in use is as old as its last byte; one that is idle besides has its own, shorter limit.
    private void Sweep()
    {
        var now = Interlocked.Increment(ref _now);
        List<UpstreamConnection>? over = null;
        lock (_lock)
        {
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                var connection = _idle[i];
                if (connection.IsQuiet && now - connection.ActiveAt < IdleSeconds)
                    continue;
                (over ??= []).Add(connection);
                _idle.RemoveAt(i);
                _all.Remove(connection);
            }
            foreach (var connection in _all)
            {
                // Under the lock: later it might be another request's.
                if (now - connection.ActiveAt >= SilenceSeconds)
                    connection.Abort(ForwardFailure.TimedOut);
            }
        }
        over?.ForEach(connection => connection.Close());
    }
}
