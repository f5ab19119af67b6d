using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Gatehouse.LogService.Streams.Redis;

/// <summary>
/// Wakes readers when their stream changes, whichever process wrote: one subscription for each stream that is read here. A signal is a hint and no
/// more: readers ask by number, so that one that was not heard, or heard twice, makes no difference.
/// </summary>
internal sealed class RedisSignals
{
    private readonly RedisLink _link;
    private readonly ConcurrentDictionary<string, Channel> _channels = new(StringComparer.Ordinal);

    public RedisSignals(RedisLink link)
    {
        _link = link;
        link.Restored += () =>
        {
            foreach (var channel in _channels.Values)
                channel.Pulse();
        };
    }

    /// <summary>Listens until it is disposed.</summary>
    public async Task<Listener> ListenAsync(string name)
    {
        var listener = Join(name);
        try
        {
            // Another connection than the commands': who looks before it is heard there may miss what comes right after.
            await listener.Subscribed;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Without Redis it takes effect when that is back, and then readers are woken anyhow.
        }
        return listener;
    }

    private Listener Join(string name)
    {
        while (true)
        {
            var channel = _channels.GetOrAdd(name, _ => new Channel());
            lock (channel)
            {
                // The last listener is just leaving it: take a new one.
                if (channel.IsClosed)
                    continue;
                if (++channel.Listeners == 1)
                    channel.Subscribed = _link.Subscriber.SubscribeAsync(RedisChannel.Literal(name), channel.Handler);
            }
            return new Listener(this, name, channel);
        }
    }

    private void Leave(string name, Channel channel)
    {
        lock (channel)
        {
            if (--channel.Listeners > 0)
                return;
            channel.IsClosed = true;
            _channels.TryRemove(new(name, channel));
            // This handler and no other: somebody may have begun to listen anew.
            _link.Subscriber.Unsubscribe(RedisChannel.Literal(name), channel.Handler, CommandFlags.FireAndForget);
        }
    }

    /// <summary>One reader's ear.</summary>
    internal sealed class Listener(RedisSignals signals, string name, Channel channel) : IDisposable
    {
        /// <summary>Ends when Redis has the subscription.</summary>
        public Task Subscribed => channel.Subscribed;

        /// <summary>Ends with the next signal. Take it before you look.</summary>
        public Task Next => channel.Next;

        public void Dispose() => signals.Leave(name, channel);
    }

    /// <summary>What all readers of a stream here share.</summary>
    internal sealed class Channel
    {
        private TaskCompletionSource _next = NewSignal();

        public Channel() => Handler = (_, _) => Pulse();

        public Action<RedisChannel, RedisValue> Handler { get; }

        public Task Subscribed { get; set; } = Task.CompletedTask;

        public int Listeners { get; set; }

        public bool IsClosed { get; set; }

        public Task Next => Volatile.Read(ref _next).Task;

        public void Pulse() => Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
