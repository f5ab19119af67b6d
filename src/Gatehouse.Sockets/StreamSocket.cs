namespace Gatehouse.Sockets;

/// <summary>A connected TCP socket. One reads and one writes at a time; <see cref="Reset"/> and <see cref="Dispose()"/> may come from any thread.</summary>
public abstract class StreamSocket : IDisposable
{
    /// <summary>True while there is nothing to read, neither bytes nor the end, as far as was heard. Nobody may be reading.</summary>
    public abstract bool IsQuiet { get; }

    /// <summary>The same by asking the system: what has come is seen although nobody was told of it yet. Nobody may be reading.</summary>
    public abstract bool IsQuietNow { get; }

    /// <summary>Done when <see cref="TryReceive"/> is worth a try: it may still find nothing.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public abstract ValueTask ReadableAsync();

    /// <summary>Bytes received; 0 at the end; -1 when there is nothing now. To be called after <see cref="ReadableAsync"/>.</summary>
    /// <param name="buffer">Not empty.</param>
    /// <exception cref="IOException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public abstract int TryReceive(Span<byte> buffer);

    /// <summary>Sends all of it.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Breaks the connection off, so that the peer does not take what it has for the whole. Who waits gets an <see cref="IOException"/>.</summary>
    public abstract void Reset();

    /// <summary>Ends the connection in order.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}
