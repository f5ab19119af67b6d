namespace Gatehouse.Gateway;

/// <summary>What <c>/readyz</c> says of the gateway. Thread-safe.</summary>
public sealed class GatewayHealth
{
    private volatile State _trust = new(false, "The trust of endpoints has not been read yet.", 0, 0);
    private volatile string? _certificateProblem;

    private sealed record State(bool Current, string? Problem, long Generation, int Endpoints);

    /// <summary>True when trust is current and the server certificate files are good.</summary>
    public bool IsReady => _trust.Current && _certificateProblem is null;

    /// <summary>The highest generation of trust in force.</summary>
    public long Generation => _trust.Generation;

    /// <summary>How many endpoints are served.</summary>
    public int Endpoints => _trust.Endpoints;

    /// <summary>What is wrong, in sentences; empty when ready.</summary>
    public IEnumerable<string> Problems
    {
        get
        {
            if (_trust.Problem is { } trust)
                yield return trust;
            if (_certificateProblem is { } certificate)
                yield return certificate;
        }
    }

    /// <summary>True when it was not current before.</summary>
    internal bool TrustIsCurrent(long generation, int endpoints)
    {
        var was = _trust.Current;
        if (!was || _trust.Generation != generation || _trust.Endpoints != endpoints)
            _trust = new State(true, null, generation, endpoints);
        return !was;
    }

    /// <summary>True when it was current before.</summary>
    internal bool TrustIsStale(string reason)
    {
        var was = _trust;
        _trust = was with { Current = false, Problem = $"The trust of endpoints cannot be read ({reason}); generation {was.Generation} is in force." };
        return was.Current;
    }

    internal void CertificateIsGood() => _certificateProblem = null;

    internal void CertificateIsBad(string reason) => _certificateProblem = reason;
}
