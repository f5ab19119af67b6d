namespace Gatehouse.Delegate;

/// <summary>The newest tasks that this process has taken, so that none runs twice, whatever is offered again. Bounded: the oldest are forgotten. Not thread-safe.</summary>
internal sealed class FinishedTasks
{
    private const int Capacity = 10_000;
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    internal bool Contains(string taskId) => _ids.Contains(taskId);

    internal void Add(string taskId)
    {
        if (!_ids.Add(taskId))
            return;
        _order.Enqueue(taskId);
        if (_order.Count > Capacity)
            _ids.Remove(_order.Dequeue());
    }
}
