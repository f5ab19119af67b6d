namespace Gatehouse.Client;

/// <summary>Which files connections to a gateway rest on.</summary>
/// <param name="CertificatePath">The client certificate with its intermediates, PEM; null for none.</param>
/// <param name="KeyPath">Its key, PEM; null when there is no certificate.</param>
/// <param name="RootsDirectory">Every file in it is an extra server root; null: the system's roots only.</param>
public sealed record IdentityFiles(string? CertificatePath, string? KeyPath, string? RootsDirectory)
{
    /// <summary>
    /// Where the pair is: under the given names, and where neither of them is there, under those of a Secret of type
    /// <c>kubernetes.io/tls</c> in the same folder. The one place that decides; asked again at each look, because the Secret may be replaced by one of the other type.
    /// </summary>
    /// <exception cref="InvalidOperationException">No certificate is named.</exception>
    public PairFiles FindPair()
    {
        if (CertificatePath is not { } certificate || KeyPath is not { } key)
            throw new InvalidOperationException("No client certificate is named.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(certificate))!;
        if (File.Exists(certificate) || File.Exists(key) || Directory.Exists(certificate) || Directory.Exists(key)
            || Path.GetDirectoryName(Path.GetFullPath(key)) != folder)
            return new PairFiles(certificate, key, null);
        var (tlsCertificate, tlsKey, ca) = (Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"), Path.Combine(folder, "ca.crt"));
        return File.Exists(tlsCertificate) && File.Exists(tlsKey)
            ? new PairFiles(tlsCertificate, tlsKey, File.Exists(ca) ? ca : null)
            : new PairFiles(certificate, key, null);
    }
}

/// <summary>The files of one pair.</summary>
/// <param name="CertificatePath">The certificate.</param>
/// <param name="KeyPath">The key.</param>
/// <param name="CaPath">The Secret's <c>ca.crt</c>, which counts as a server root; null when there is none, and always with the documented names.</param>
public sealed record PairFiles(string CertificatePath, string KeyPath, string? CaPath);
