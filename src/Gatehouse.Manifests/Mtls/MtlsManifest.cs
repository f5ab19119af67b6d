namespace Gatehouse.Manifests.Mtls;

/// <summary>Turns mutual TLS on and off in a Kubernetes manifest. Only the lines that must change do; everything else stays byte for byte.</summary>
public static class MtlsManifest
{
    /// <summary>Gives the manifest's delegates and upgraders the endpoint's addresses and the client certificate. Doing it twice is doing it once.</summary>
    /// <param name="text">The manifest: YAML of any number of documents, or JSON.</param>
    /// <param name="options">What they are to be given.</param>
    /// <exception cref="ManifestException">It cannot be read, has no delegate, has a legacy image, or cannot be changed without changing more than was asked.</exception>
    public static ManifestChange Enable(string text, MtlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(options);
        return new EnableMtls(text, options).Run();
    }

    /// <summary>Takes mutual TLS out again, and puts the former addresses back. Doing it twice is doing it once.</summary>
    /// <param name="text">The manifest.</param>
    /// <param name="manager">The manager's address without mutual TLS; null: the one that was remembered.</param>
    /// <param name="container">The delegate's container, where its environment does not tell it.</param>
    /// <exception cref="ManifestException">It cannot be read, has no delegate, or a former address is not known.</exception>
    public static ManifestChange Disable(string text, MtlsEndpoint? manager = null, string? container = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new DisableMtls(text, manager, container).Run();
    }

    /// <summary>What is missing or wrong in a manifest for mutual TLS; empty when nothing is.</summary>
    /// <param name="text">The manifest.</param>
    /// <param name="options">What else is known.</param>
    /// <exception cref="ManifestException">It cannot be read, or has no delegate.</exception>
    public static IReadOnlyList<ManifestFinding> Check(string text, CheckOptions options)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(options);
        return new MtlsCheck(text, options).Run();
    }
}
