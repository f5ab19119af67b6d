using System.Runtime.InteropServices;

namespace Gatehouse.Sockets;

/// <summary>
/// A thread that waits for events of sockets (epoll, edge-triggered) and lets whoever waits for them go on, right there. As many as there are
/// cores; they live as long as the process. Thread-safe.
/// </summary>
internal sealed unsafe class SocketLoop
{
    private const int MaxEvents = 256;
    private const uint Interest = LibC.EventIn | LibC.EventPriority | LibC.EventOut | LibC.EventPeerHangUp | LibC.EventEdge;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_eventBytes = s_dataOffset + sizeof(ulong);
    private static readonly Lazy<SocketLoop[]> s_all = new(() => [.. Enumerable.Range(0, Environment.ProcessorCount).Select(i => new SocketLoop(i))]);
    private static uint s_next;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private readonly int _epoll;
    private Place[] _places = new Place[64];
    private int _used;

    private struct Place
    {
        public IEpollTarget? Target;
        public uint Round;
    }

    private SocketLoop(int number)
    {
        _epoll = LibC.epoll_create1(LibC.CloseOnExec);
        if (_epoll < 0)
            throw LibC.Failure("epoll_create1");
        new Thread(Run) { IsBackground = true, Name = $"sockets {number}" }.UnsafeStart();
    }

    /// <summary>The next one in turn.</summary>
    public static SocketLoop Next() => s_all.Value[Interlocked.Increment(ref s_next) % (uint)s_all.Value.Length];

    /// <summary>Tells <paramref name="target"/> of its socket's events from now on, and of what is there already.</summary>
    /// <exception cref="IOException">The kernel will not watch it.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Add(IEpollTarget target)
    {
        ulong data;
        lock (_lock)
        {
            if (!_free.TryPop(out var index))
            {
                index = _used++;
                if (index == _places.Length)
                    Array.Resize(ref _places, _places.Length * 2);
            }
            data = ((ulong)_places[index].Round << 32) | (uint)index;
            // First: an event of the place's last owner must not find it without.
            target.PlaceInLoop = data;
            Volatile.Write(ref _places[index].Target, target);
        }
        try
        {
            var bytes = stackalloc byte[s_eventBytes];
            *(uint*)bytes = Interest;
            *(ulong*)(bytes + s_dataOffset) = data;
            if (LibC.epoll_ctl(_epoll, LibC.ControlAdd, target.Handle, bytes) != 0)
                throw LibC.Failure("epoll_ctl");
        }
        catch
        {
            Remove(target);
            throw;
        }
    }

    /// <summary>Forgets it. That its socket is closed ends the kernel's watching.</summary>
    public void Remove(IEpollTarget target)
    {
        lock (_lock)
        {
            var index = (int)(uint)target.PlaceInLoop;
            ref var place = ref _places[index];
            if (place.Target != target)
                return;
            // An event of the old socket may be on its way: it is not the new one's.
            (place.Target, place.Round) = (null, place.Round + 1);
            _free.Push(index);
        }
    }

    private void Run()
    {
        var events = (byte*)NativeMemory.Alloc((nuint)(MaxEvents * s_eventBytes));
        while (true)
        {
            var count = LibC.epoll_wait(_epoll, events, MaxEvents, -1);
            if (count < 0 && LibC.Error != LibC.Interrupted)
                Environment.FailFast(LibC.Failure("epoll_wait").Message); // Without this thread no socket is served, and nothing can bring it back.
            for (var i = 0; i < count; i++)
            {
                var @event = events + (i * s_eventBytes);
                TargetOf(*(ulong*)(@event + s_dataOffset))?.OnEvents(*(uint*)@event);
            }
        }
    }

    private IEpollTarget? TargetOf(ulong data)
    {
        // Without the lock: an array that has just been replaced still has every place of the old.
        ref var place = ref Volatile.Read(ref _places)[(int)(uint)data];
        var target = Volatile.Read(ref place.Target);
        return target?.PlaceInLoop == data ? target : null;
    }
}
