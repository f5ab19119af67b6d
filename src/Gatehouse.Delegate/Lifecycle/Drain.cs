using Gatehouse.Client;
using Gatehouse.Contracts;

namespace Gatehouse.Delegate;

/// <summary>
/// When a stream that was opened with a certificate that is not the newest any more is to be renewed: at a random time within one heartbeat's interval, so that a
/// fleet whose Secret was replaced does not come back as one.
/// </summary>
internal sealed class Drain(ClientIdentity identity, Random random, TimeProvider time)
{
    private long? _noticed;
    private TimeSpan _delay;

    /// <summary>How long the stream has; null when it is of the newest certificate and roots.</summary>
    internal TimeSpan? Left(DelegateStream stream) => Left(stream.IsOf(identity.Material));

    /// <summary>The same for whatever is told of its age.</summary>
    internal TimeSpan? Left(bool isNewest)
    {
        if (isNewest)
        {
            _noticed = null;
            return null;
        }

        if (_noticed is null)
            (_noticed, _delay) = (time.GetTimestamp(), Limits.HeartbeatInterval * random.NextDouble());
        var left = _delay - time.GetElapsedTime(_noticed.Value);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
