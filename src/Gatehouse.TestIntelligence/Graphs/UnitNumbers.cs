using System.Runtime.CompilerServices;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>Numbers units in the order in which they are met.</summary>
internal sealed class UnitNumbers
{
    private readonly Dictionary<CodeUnit, int> _numbers = [];
    private readonly List<CodeUnit> _all = [];

    public IReadOnlyList<CodeUnit> All => _all;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int NumberOf(CodeUnit unit)
    {
        if (!_numbers.TryGetValue(unit, out var number))
        {
            _numbers[unit] = number = _all.Count;
            _all.Add(unit);
        }
        return number;
    }
}
