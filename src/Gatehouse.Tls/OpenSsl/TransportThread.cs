namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// Whether what waits for a connection goes on where its socket is served. That thread serves many sockets: quick for whoever hands bytes on,
/// and nothing may block there.
/// </summary>
internal sealed class TransportThread
{
    private volatile bool _isLeft;

    public bool IsLeft
    {
        get => _isLeft;
        set => _isLeft = value;
    }
}
