using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki;

namespace Gatehouse.Client;

/// <summary>One client certificate as read from its files, ready for handshakes. Immutable; a rotation makes a new one.</summary>
/// <remarks>Never disposed by hand: handshakes and open connections may still use it when its successor is there; the finalizers of its handles do that.</remarks>
public sealed class LoadedIdentity
{
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    private readonly PemIdentity _pem;
    private readonly Lazy<string> _certificatesPem, _keyPem;

    internal LoadedIdentity(PemIdentity pem, long generation)
    {
        _pem = pem;
        Generation = generation;

        _certificatesPem = new Lazy<string>(() => string.Concat(((X509Certificate2[])[_pem.Leaf, .. _pem.Intermediates]).Select(certificate => certificate.ExportCertificatePem() + "\n")));
        _keyPem = new Lazy<string>(KeyPem);
        // With the context the whole chain is sent; ClientCertificates and selection callbacks send the leaf only. Offline: no look-ups for what is missing.
        Context = SslStreamCertificateContext.Create(pem.Leaf, new X509Certificate2Collection(pem.Intermediates.ToArray()), offline: true);
    }

    /// <summary>Certificate facts for people.</summary>
    public CertificateFacts Facts => _pem.Facts;

    /// <summary>1 for the first, one more with each rotation.</summary>
    public long Generation { get; }

    /// <summary>What handshakes use.</summary>
    internal SslStreamCertificateContext Context { get; }

    /// <summary>The certificate and its intermediates as PEM, the leaf first: for a program of ours that shows the same certificate.</summary>
    public string ExportCertificatesPem() => _certificatesPem.Value;

    /// <summary>The private key as unencrypted PKCS#8 in PEM, which every client reads. Secret: for a file of the owner alone.</summary>
    public string ExportKeyPem() => _keyPem.Value;

    private string KeyPem()
    {
        using AsymmetricAlgorithm key = _pem.Leaf.GetRSAPrivateKey() ?? (AsymmetricAlgorithm?)_pem.Leaf.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("A client key is RSA or EC.");
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Subject, serial number and end of validity, for sentences.</summary>
    public string Describe() => $"subject “{Facts.Subject}”, serial {Facts.SerialNumber}, valid until {Facts.NotAfter.UtcDateTime:u}";

    /// <summary>What a gateway is likely to refuse about it, or will soon; empty when nothing is.</summary>
    public IReadOnlyList<string> Warnings(DateTimeOffset now)
    {
        if (Objection(now) is { } objection)
            return [objection];
        var warnings = new List<string>();
        if (Facts.NotAfter - now < TimeSpan.FromDays(14))
            warnings.Add($"The client certificate expires at {Facts.NotAfter.UtcDateTime:u}. Renew it soon; a replaced file is picked up without a restart.");
        if (_pem.IsIssuerMissing)
            warnings.Add($"None of the intermediates in the client certificate's file issued it: its issuer is “{Facts.Issuer}”. A gateway that trusts only the root refuses it. Put that intermediate behind it.");
        return warnings;
    }

    /// <summary>Why every gateway refuses it, with the way out; null when none has to.</summary>
    public string? Objection(DateTimeOffset now)
    {
        if (Facts.NotAfter <= now)
            return $"The client certificate expired at {Facts.NotAfter.UtcDateTime:u}: gateways refuse it. Renew it.";
        if (Facts.NotBefore > now)
            return $"The client certificate is not valid before {Facts.NotBefore.UtcDateTime:u}: check this machine's clock.";
        return _pem.Leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == ClientAuth)
            ? "The client certificate's extended key usage lacks clientAuth: gateways refuse it. Have it issued with clientAuth, or without the extension."
            : null;
    }
}
