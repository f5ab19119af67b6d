namespace Gatehouse.Delegate;

/// <summary>
/// When which part of the output appeared, so that lines that are sent late carry their own time. Bounded: what takes long is remembered less exactly.
/// </summary>
internal sealed class ArrivalTimes
{
    private const int Capacity = 4096;
    private readonly Lock _lock = new();
    private readonly List<(long Offset, DateTimeOffset Time)> _marks = [];
    private TimeSpan _apart = TimeSpan.FromMilliseconds(10);

    /// <summary>From <paramref name="offset"/> on it appeared now.</summary>
    internal void Mark(long offset, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_marks.Count > 0 && now - _marks[^1].Time < _apart)
                return;
            if (_marks.Count == Capacity)
                Thin();
            _marks.Add((offset, now));
        }
    }

    /// <summary>When the byte at <paramref name="offset"/> appeared.</summary>
    internal DateTimeOffset At(long offset)
    {
        lock (_lock)
        {
            var (low, high) = (0, _marks.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _marks[middle].Offset <= offset ? (middle + 1, high) : (low, middle);
            }

            return low == 0 ? default : _marks[low - 1].Time;
        }
    }

    private void Thin()
    {
        for (var i = 1; i < Capacity / 2; i++)
            _marks[i] = _marks[2 * i];
        _marks.RemoveRange(Capacity / 2, Capacity - (Capacity / 2));
        _apart = (_marks[^1].Time - _marks[0].Time) / (Capacity / 2);
    }
}
