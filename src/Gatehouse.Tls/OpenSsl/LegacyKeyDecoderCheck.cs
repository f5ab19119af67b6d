using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Decides at start whether <see cref="LegacyKeyDecoder"/> may stay on: with it everything must come out as without it, and sooner.</summary>
internal sealed class LegacyKeyDecoderCheck(KeyDecoderTrial trial)
{
    private const int Rounds = 10;
    /// <summary>Less gain than this is not worth a deprecated interface.</summary>
    private const double LeastGain = 2;

    /// <summary>Switches it on if it passes; otherwise it is off, and the reason says why.</summary>
    public bool TrySwitchOn(out string reason)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(RsaVector.PublicKey, out _);
        var samples = Samples(rsa, trial.Time.GetUtcNow());
        // Compared is with what it is without, whoever switched it on before.
        trial.SwitchOff();
        var (_, before) = Parse(samples);
        if (!trial.TrySwitchOn())
        {
            reason = "this OpenSSL has no engines";
            return false;
        }
        var passed = false;
        try
        {
            (passed, reason) = Compare(rsa, samples, before);
        }
        catch (Exception e) when (e is CryptographicException or TlsEngineException)
        {
            reason = e.Message;
        }
        finally
        {
            if (!passed)
                trial.SwitchOff();
        }
        return passed;
    }

    private (bool Passed, string Reason) Compare(RSA rsa, List<(byte[] Certificate, byte[] Key)> samples, double before)
    {
        var (same, after) = Parse(samples);
        if (!same)
            return (false, "keys come out differently with it");
        if (!Verifies(rsa))
            return (false, "signatures come out differently with it");
        return after * LeastGain > before
            ? (false, $"it gains too little ({before:0} µs without, {after:0} µs with it)")
            : (true, $"{before:0} µs a key without, {after:0} µs with it");
    }

    // Microseconds a certificate, best of the rounds; and whether each key is, byte for byte, the one that was put in.
    private (bool Same, double Microseconds) Parse(List<(byte[] Certificate, byte[] Key)> samples)
    {
        var best = double.MaxValue;
        var same = true;
        for (var round = 0; round < Rounds; round++)
        {
            var started = trial.Time.GetTimestamp();
            foreach (var (certificate, key) in samples)
                same &= trial.KeyOf(certificate).AsSpan().SequenceEqual(key);
            best = Math.Min(best, trial.Time.GetElapsedTime(started).TotalMicroseconds / samples.Count);
        }
        return (same, best);
    }

    // The platform's own cryptography runs on the same library: it must not notice.
    private bool Verifies(RSA rsa)
    {
        byte[] data = RsaVector.Data, other = [1, 2, 4];
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ecPublic = ECDsa.Create(ec.ExportParameters(false));
        foreach (var (padding, signature) in new[] { (RSASignaturePadding.Pkcs1, RsaVector.Pkcs1Signature), (RSASignaturePadding.Pss, RsaVector.PssSignature) })
        {
            if (!trial.Verifies(rsa, data, signature, padding) || trial.Verifies(rsa, other, signature, padding))
                return false;
        }
        var ecSignature = ec.SignData(data, HashAlgorithmName.SHA256);
        return trial.Verifies(ecPublic, data, ecSignature) && !trial.Verifies(ecPublic, other, ecSignature);
    }

    private static List<(byte[] Certificate, byte[] Key)> Samples(RSA rsa, DateTimeOffset now)
    {
        var samples = new List<(byte[], byte[])>();
        foreach (var curve in new[] { ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521 })
        {
            using var key = ECDsa.Create(curve);
            using var certificate = new CertificateRequest("CN=check", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
            samples.Add((certificate.RawData, key.ExportSubjectPublicKeyInfo()));
        }
        using var issuer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsaCertificate = new CertificateRequest(new X500DistinguishedName("CN=check"), new PublicKey(rsa), HashAlgorithmName.SHA256)
            .Create(new X500DistinguishedName("CN=issuer"), X509SignatureGenerator.CreateForECDsa(issuer), now, now.AddDays(1), [1]);
        samples.Add((rsaCertificate.RawData, rsa.ExportSubjectPublicKeyInfo()));
        return samples;
    }
}
