using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Decides at start whether <see cref="LegacyKeyDecoder"/> may stay on: with it everything must come out as without it, and sooner.</summary>
internal static unsafe class LegacyKeyDecoderCheck
{
    private const int Rounds = 10;
    /// <summary>Less gain than this is not worth a deprecated interface.</summary>
    private const double LeastGain = 2;

    /// <summary>Switches it on if it passes; otherwise says why it is off.</summary>
    public static bool TrySwitchOn(DateTimeOffset now, out string reason)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(RsaVector.PublicKey, out _);
        var samples = Samples(rsa, now);
        var (_, before) = Parse(samples);
        if (!LegacyKeyDecoder.TryRegister())
        {
            reason = "this OpenSSL has no engines";
            return false;
        }
        try
        {
            var (same, after) = Parse(samples);
            var verifies = Verifies(rsa);
            reason = !same ? "keys come out differently with it"
                : !verifies ? "signatures come out differently with it"
                : after * LeastGain > before ? $"it gains too little ({before:0} µs without, {after:0} µs with it)"
                : $"{before:0} µs a key without, {after:0} µs with it";
            if (same && verifies && after * LeastGain <= before)
                return true;
        }
        catch (Exception e) when (e is CryptographicException or TlsEngineException)
        {
            reason = e.Message;
        }
        LegacyKeyDecoder.Unregister();
        return false;
    }

    // Microseconds a certificate, best of the rounds; and whether each key is, byte for byte, the one that was put in.
    private static (bool Same, double Microseconds) Parse(List<(byte[] Certificate, byte[] Key)> samples)
    {
        var best = double.MaxValue;
        var same = true;
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var (certificate, key) in samples)
                same &= KeyOf(certificate).AsSpan().SequenceEqual(key);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMicroseconds / samples.Count);
        }
        return (same, best);
    }

    private static byte[] KeyOf(byte[] certificate)
    {
        fixed (byte* bytes = certificate)
        {
            var next = bytes;
            var native = Native.d2i_X509(0, &next, certificate.Length);
            if (native == 0)
                throw OpenSslError.Take("d2i_X509");
            try
            {
                var key = Native.X509_get0_pubkey(native);
                var length = key == 0 ? 0 : Native.i2d_PUBKEY(key, null);
                var encoded = new byte[Math.Max(0, length)];
                fixed (byte* output = encoded)
                {
                    var end = output;
                    _ = length > 0 ? Native.i2d_PUBKEY(key, &end) : 0;
                }
                return encoded;
            }
            finally
            {
                Native.X509_free(native);
            }
        }
    }

    // The platform's own cryptography runs on the same library: it must not notice.
    private static bool Verifies(RSA rsa)
    {
        byte[] data = RsaVector.Data, other = [1, 2, 4];
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ecPublic = ECDsa.Create(ec.ExportParameters(false));
        foreach (var (padding, signature) in new[] { (RSASignaturePadding.Pkcs1, RsaVector.Pkcs1Signature), (RSASignaturePadding.Pss, RsaVector.PssSignature) })
        {
            if (!rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, padding) || rsa.VerifyData(other, signature, HashAlgorithmName.SHA256, padding))
                return false;
        }
        var ecSignature = ec.SignData(data, HashAlgorithmName.SHA256);
        return ecPublic.VerifyData(data, ecSignature, HashAlgorithmName.SHA256) && !ecPublic.VerifyData(other, ecSignature, HashAlgorithmName.SHA256);
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
