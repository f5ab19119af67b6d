using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>The token that one task's log is written with: the package's, and a new one of the manager's when that is not taken (any more).</summary>
internal sealed class LogToken(DelegateClient manager, string delegateId, string ofPackage)
{
    private string? _token = ofPackage.Length > 0 ? ofPackage : null;

    /// <summary>The token; secret. Empty when the manager has none to give either: the service says then what it thinks of that.</summary>
    internal async Task<string> GetAsync(CancellationToken cancel) => _token ??= await manager.LoggingTokenAsync(delegateId, cancel) ?? "";

    /// <summary>It was refused: the next time the manager is asked.</summary>
    internal void Refused() => _token = null;
}
