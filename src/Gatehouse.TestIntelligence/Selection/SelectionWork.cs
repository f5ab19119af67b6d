namespace Gatehouse.TestIntelligence.Selection;

/// <summary>Counts what a selection costs: to run everything is always right, so one that takes too long ends there, and nobody can build one that takes a core for minutes.</summary>
/// <param name="most">Steps; see <see cref="TiLimits.MaxSelectionWork"/>.</param>
internal sealed class SelectionWork(long most = TiLimits.MaxSelectionWork)
{
    private long _left = most;

    /// <summary>There is nothing left: what was counted since may be incomplete.</summary>
    public bool IsExhausted => _left < 0;

    /// <summary>Takes steps off; false when there is nothing left.</summary>
    public bool Spend(long steps)
    {
        _left -= steps;
        return _left >= 0;
    }
}
