namespace Gatehouse.Contracts.Protocol;

/// <summary>
/// Where a task's steps find the services behind the gateway, as the manager tells them in the package (sheet §10). Addresses end with a slash; null: none
/// is told.
/// </summary>
public sealed record TaskServices
{
    /// <summary><c>CI_OVERRIDE_SERVICE_URLS</c> is on: the addresses lie behind the host and port that the delegate came through. Else they are the configured ones.</summary>
    public bool Overridden { get; init; }

    /// <summary>The log service; its token is the package's <see cref="DelegateTaskLogging.Token"/>.</summary>
    public string? LogUrl { get; init; }

    /// <summary>The TI service (test intelligence).</summary>
    public string? TiUrl { get; init; }

    /// <summary>The STO service (security tests).</summary>
    public string? StoUrl { get; init; }

    /// <summary>The SCS service (supply chain).</summary>
    public string? ScsUrl { get; init; }

    /// <summary>A token of the account for the TI service; secret. Null when this server cannot mint one.</summary>
    public string? TiToken { get; init; }

    /// <summary>
    /// Set when addresses are withheld because the account is STRICT and they lead to a host without mutual TLS: sentences with the way out. A step that
    /// needs an address which nobody names fails with them, rather than find one by itself.
    /// </summary>
    public string? Withheld { get; init; }
}
