namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Stored values in memory, the least lately used going first; one larger than the bound is not kept.</summary>
/// <param name="mostBytes">The bound.</param>
/// <param name="sizeOf">Bytes that one takes.</param>
internal sealed class ValueCache<T>(long mostBytes, Func<T, long> sizeOf)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(long Id, long Version, T Value)> _recent = new();
    private readonly Dictionary<long, LinkedListNode<(long Id, long Version, T Value)>> _nodes = [];
    private long _bytes;

    public T? Find(long id, long version)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(id, out var node) || node.Value.Version != version)
                return null;
            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Value;
        }
    }

    public void Put(long id, long version, T value)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(id, out var known))
            {
                if (known.Value.Version > version)
                    return; // A reader that was overtaken by an upload.
                Remove(known);
            }
            if (sizeOf(value) > mostBytes)
                return;
            _nodes[id] = _recent.AddFirst((id, version, value));
            _bytes += sizeOf(value);
            while (_bytes > mostBytes)
                Remove(_recent.Last!);
        }
    }

    private void Remove(LinkedListNode<(long Id, long Version, T Value)> node)
    {
        _recent.Remove(node);
        _nodes.Remove(node.Value.Id);
        _bytes -= sizeOf(node.Value.Value);
    }
}
