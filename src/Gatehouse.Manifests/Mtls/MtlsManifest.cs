namespace Gatehouse.Manifests.Mtls;

/// <summary>Turns mutual TLS on in a Kubernetes manifest. Only the lines that must change do; everything else stays byte for byte.</summary>
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
}
