namespace Gatehouse.Contracts;

/// <summary>The truth about endpoints, offered by the manager.</summary>
public interface ITrustSource
{
    /// <summary>Every endpoint whose generation is above <paramref name="generation"/>, deleted ones included, in any order; 0 asks for all.</summary>
    Task<IReadOnlyList<EndpointTrust>> ChangesSinceAsync(long generation, CancellationToken cancellationToken);
}
