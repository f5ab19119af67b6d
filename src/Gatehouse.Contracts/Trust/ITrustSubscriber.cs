namespace Gatehouse.Contracts;

/// <summary>Somebody who must know of a change of trust before the API answers: a gateway in this process.</summary>
public interface ITrustSubscriber
{
    /// <summary>Applies the change; returns when new connections and requests are judged by it. Older generations than the known one are ignored.</summary>
    ValueTask ApplyAsync(EndpointTrust change, CancellationToken cancellationToken);
}
