namespace Gatehouse.Manifests.Mtls;

/// <summary>Something that is missing or wrong in a manifest.</summary>
/// <param name="Code">A name that stays: for scripts.</param>
/// <param name="IsError">True when mutual TLS would not work; false when it would, and something should be known.</param>
/// <param name="Where">The object, for people.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="NextStep">The way out.</param>
public sealed record ManifestFinding(string Code, bool IsError, string Where, string Message, string NextStep);

/// <summary>What a check knows besides the manifest.</summary>
public sealed record CheckOptions
{
    /// <summary>The endpoint that addresses must be behind; null: whichever they name.</summary>
    public MtlsEndpoint? Endpoint { get; init; }

    /// <summary>The account has the flag <c>CI_OVERRIDE_SERVICE_URLS</c>: the addresses of log and TI service do not count.</summary>
    public bool OverrideServiceUrls { get; init; }

    /// <summary>The delegate's container, where nothing in the manifest tells it.</summary>
    public string? Container { get; init; }

    /// <summary>Patterns of images that are taken whatever their tag.</summary>
    public IReadOnlyList<string> AllowedImages { get; init; } = [];
}
