namespace Gatehouse.Soak.Trust;

/// <summary>One version of an account's trust and when it was in force.</summary>
/// <param name="Number">Counts the account's versions.</param>
/// <param name="State">What was asked for.</param>
/// <param name="From">From when it may have been in force: the call that made it began.</param>
internal sealed record TrustVersion(int Number, TrustState State, double From)
{
    /// <summary>From when it was in force at the latest: the call was answered.</summary>
    public double Answered { get; set; } = double.PositiveInfinity;

    /// <summary>When the call that replaced it was answered.</summary>
    public double Replaced { get; set; } = double.PositiveInfinity;
}

/// <summary>
/// What trust an account had, and when. Between the beginning of a call and its answer the old and the new version are both right;
/// after the answer the old one is wrong for new connections at once, and for open ones after <see cref="Contracts.Limits.TrustChangeEffective"/>. Thread-safe.
/// </summary>
internal sealed class TrustHistory
{
    private readonly Lock _lock = new();
    private readonly List<TrustVersion> _versions = [new(0, TrustState.None, 0) { Answered = 0 }];

    /// <summary>The newest version; for the one who changes it.</summary>
    public TrustState Current
    {
        get
        {
            lock (_lock)
                return _versions[^1].State;
        }
    }

    /// <summary>How many there were.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _versions[^1].Number + 1;
        }
    }

    /// <summary>Before the call.</summary>
    public void Begin(TrustState next)
    {
        lock (_lock)
        {
            _versions.Add(new TrustVersion(_versions[^1].Number + 1, next, SoakClock.Now));
            // Nothing lives that long: connections and sessions are younger.
            _versions.RemoveAll(v => v.Replaced < SoakClock.Now - 10 * 60_000);
        }
    }

    /// <summary>After its answer.</summary>
    public void Commit()
    {
        lock (_lock)
        {
            _versions[^1].Answered = SoakClock.Now;
            _versions[^2].Replaced = SoakClock.Now;
        }
    }

    /// <summary>The versions that may be in force at some moment of a time span.</summary>
    /// <param name="from">Its beginning.</param>
    /// <param name="to">Its end.</param>
    /// <param name="grace">How long, in ms, a replaced version may still be judged by.</param>
    public IReadOnlyList<TrustVersion> Between(double from, double to, double grace)
    {
        lock (_lock)
            return [.. _versions.Where(v => v.From <= to && v.Replaced + grace >= from)];
    }
}
