using Gatehouse.Client;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate;

/// <summary>
/// How long to wait after a failure. A server that is away is tried every few seconds, because a restart takes no longer and its delegates
/// are to be back at once; a refusal at a humane pace, because a person has to mend something; the rest backs off from 1 s to 60 s.
/// Always with jitter, so that a fleet does not knock as one.
/// </summary>
internal sealed class RetryPace(Random random)
{
    private int _failures;

    /// <summary>Forgets the failures so far.</summary>
    internal void Reset() => _failures = 0;

    /// <summary>The pause after one more failure.</summary>
    internal TimeSpan Next(Exception failure)
    {
        var n = Math.Min(_failures++, 20);
        var (first, cap) = failure switch
        {
            // A credential from a wrong clock: the answer has told the right time, so the next one fits.
            RequestRefusedException { Code: ProtocolErrorCode.ExpiredToken } when n == 0 => (1.0, 1.0),
            RequestRefusedException { Code: ProtocolErrorCode.InvalidToken or ProtocolErrorCode.RevokedToken or ProtocolErrorCode.ExpiredToken or ProtocolErrorCode.AccountDoesNotExist } => (60.0, 60.0),
            RequestRefusedException { IsRefusal: true } => (15.0, 60.0),
            RequestRefusedException => (1.0, 10.0),
            ConnectionFailedException { IsServerAway: true } => (0.5, 5.0),
            _ => (1.0, 60.0),
        };
        var seconds = Math.Min(cap, first * Math.Pow(2, n));
        return TimeSpan.FromSeconds(seconds * (0.75 + (random.NextDouble() * 0.25)));
    }
}
