using Gatehouse.Soak.Trust;

namespace Gatehouse.Soak.Clients;

/// <summary>Somebody who connects: what he shows, in both TLS versions, and the sessions that he kept.</summary>
internal sealed class SoakClient(SoakIdentity identity, IssuedFiles? files) : IDisposable
{
    private const int MaxKept = 16;
    private readonly Lock _lock = new();
    private readonly List<KeptSession> _sessions = [];

    public SoakIdentity Identity { get; } = identity;
    public IssuedFiles? Files { get; } = files;
    public TlsProfile Tls12 { get; } = new(Libssl.Tls12, files?.Certificate, files?.Key);
    public TlsProfile Tls13 { get; } = new(Libssl.Tls13, files?.Certificate, files?.Key);

    public void Keep(KeptSession session)
    {
        lock (_lock)
        {
            _sessions.Add(session);
            if (_sessions.Count > MaxKept)
            {
                // Not freed here: a connection of another thread may just be about to offer it.
                _sessions.RemoveAt(0);
            }
        }
    }

    /// <summary>A session to offer with a profile; null when there is none.</summary>
    public KeptSession? Session(TlsProfile profile, Random random)
    {
        lock (_lock)
        {
            var usable = _sessions.FindAll(s => s.Version == profile.Version);
            return usable.Count == 0 ? null : usable[random.Next(usable.Count)];
        }
    }

    public void Dispose()
    {
        Tls12.Dispose();
        Tls13.Dispose();
    }
}

/// <summary>A session and where it comes from.</summary>
/// <param name="Session">To offer again.</param>
/// <param name="Version">TLS version that made it.</param>
/// <param name="AccountId">Whose endpoint made it.</param>
/// <param name="Host">The name it was made at.</param>
/// <param name="From">When its handshake began.</param>
/// <param name="To">When its handshake was done.</param>
internal sealed record KeptSession(TlsSession Session, int Version, string AccountId, string Host, double From, double To);
